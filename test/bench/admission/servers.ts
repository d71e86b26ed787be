// What is measured against each other. All three serve TLS with the same pair, parse the review and answer it with a patch.
import { createServer } from 'node:https';
import { createRequire } from 'node:module';
import { isDeepStrictEqual } from 'node:util';
import type { IncomingMessage, RequestListener, Server } from 'node:http';
import jsonPatch from 'fast-json-patch';
import { pino } from 'pino';
import { decide } from '../../../src/admission/mutate.ts';
import { createWebhookServer } from '../../../src/admission/server.ts';
import { untouched } from '../../../src/admission/verdict.ts';
import { createMetrics } from '../../../src/telemetry/metrics.ts';
import type { Pair } from '../../../src/tls/issue.ts';

interface Given {
  /** Where express is installed. */
  readonly folder: string;
  /** Told of every review by Serin's. */
  readonly onReview: () => void;
}

/** Starts it and answers its port. */
type Start = (pair: Pair, given: Given) => Promise<number>;

interface Reviewed {
  readonly request: { readonly uid: string; readonly object: Reviewable; readonly oldObject: Reviewable };
}
interface Reviewable {
  readonly metadata: { annotations?: Record<string, string> };
  readonly spec: { readonly template: unknown; paused?: boolean };
}
/** The part of express that is used. */
type Express = (() => RequestListener & {
  use(...handlers: unknown[]): void;
  post(path: string, handler: (request: { body: Reviewed }, response: Sender) => void): void;
}) & { json(options: { limit: string }): unknown };
interface Sender {
  json(body: unknown): void;
  on(event: 'finish', done: () => void): void;
}

const written = pino({}, pino.destination({ dest: '/dev/null', sync: true }));
const encoded = (patch: unknown): string => Buffer.from(JSON.stringify(patch)).toString('base64');
const response = (uid: string, patch: string): object => ({
  ...{ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview' },
  response: { uid, allowed: true, patchType: 'JSONPatch', patch },
});

/** Serin's webhook as it runs: its decision, its log, its metrics. */
const serin: Start = async (pair, given) => {
  const metrics = createMetrics();
  const { app } = createWebhookServer({
    ...pair,
    decide: (asked) => decide(asked, { controller: 'system:serviceaccount:serin-system:serin' }),
    validate: async () => untouched,
    metrics: () => metrics.registry.metrics(),
    onReview: (outcome, seconds) => {
      given.onReview();
      metrics.reviews.inc(outcome);
      metrics.reviewSeconds.observe(seconds);
    },
    ready: () => true,
    log: written,
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return portOf(app.server);
};

/** The least that can be done: node:https, parse, compare the templates, pause. */
const bare: Start = (pair) =>
  listening(
    createServer(pair, (request, reply) => {
      void textOf(request).then((text) => {
        const { uid, object, oldObject } = (JSON.parse(text) as Reviewed).request;
        const isSame = isDeepStrictEqual(object.spec.template, oldObject.spec.template);
        const patch = isSame ? [] : [{ op: 'add', path: '/spec/paused', value: true }];
        const body = JSON.stringify(response(uid, encoded(patch)));
        reply.writeHead(200, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(body),
        });
        reply.end(body);
      });
    }),
  );

/** In the shape of a framework for webhooks: express, a logging middleware, a copy to change, the difference as the patch. */
const express: Start = (pair, { folder }) => {
  const make = createRequire(`${folder}/`)('express') as Express;
  const app = make();
  app.use(make.json({ limit: '2mb' }));
  app.use((request: { method: string; url: string }, reply: Sender, next: () => void) => {
    const begun = Date.now();
    reply.on('finish', () =>
      written.info({ method: request.method, url: request.url, ms: Date.now() - begun }),
    );
    next();
  });
  app.post('/mutate', ({ body }, reply) => {
    const { uid, object, oldObject } = body.request;
    const changed = structuredClone(object);
    if (!isDeepStrictEqual(object.spec.template, oldObject.spec.template)) {
      changed.spec.paused = true;
      changed.metadata.annotations = { ...changed.metadata.annotations, state: 'held' };
    }
    written.info({ uid }, 'reviewed');
    reply.json(response(uid, encoded(jsonPatch.compare(object as object, changed as object))));
  });
  return listening(createServer(pair, app));
};

export const servers = { serin, bare, express } as const;
export type Contender = keyof typeof servers;

async function listening(server: ReturnType<typeof createServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return portOf(server);
}

function portOf(server: Pick<Server, 'address'>): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  return address.port;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
