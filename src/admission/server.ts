import type { Server } from 'node:https';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import { hasCode, messageOf, SerinError } from '../errors.ts';
import type { Pair } from '../tls/issue.ts';
import { askedOf, attemptOf } from './match.ts';
import { answer, parseReview, type Review } from './review.ts';
import { type RouteAsked, routeAskedOf } from './route-match.ts';
import type { Attempt } from './rules/rule.ts';
import { addUninstall, type EndRollouts } from './uninstall.ts';
import type { Force } from './validate.ts';
import { type Asked, type Effect, untouched, type Verdict } from './verdict.ts';

export type { Pair as KeyPair } from '../tls/issue.ts';

export interface WebhookOptions extends Pair {
  readonly decide: (asked: Asked) => Verdict;
  /** Decides on the change of a route object; without it they all pass. */
  readonly decideRoute?: (asked: RouteAsked) => Verdict;
  /** Judges an attempt in an enforced namespace. */
  readonly validate: (attempt: Attempt, force: Force) => Promise<Verdict>;
  /** Ends all rollouts where Serin itself is deleted. */
  readonly endRollouts?: EndRollouts;
  /** The metrics page, in Prometheus' text format. */
  readonly metrics: () => Promise<string>;
  /** Told of every review; `failed` are those answered with an error. */
  readonly onReview: (outcome: Effect | 'refused' | 'failed', seconds: number) => void;
  /** Whether this replica is to get requests. */
  readonly ready: () => boolean;
  readonly log: Logger;
}

export interface WebhookServer {
  /** Listens once `app.listen` is called; `app.close()` answers what is under way and ends. */
  readonly app: FastifyInstance<Server>;
  /** Serves another certificate from the next connection on; throws TLS_INVALID, and goes on as before, where it cannot. */
  reload(pair: Pair): void;
}

/**
 * kube-apiserver reads objects of up to 3 MiB (MaxRequestBodyBytes) and sends two of them, the new one and the old one,
 * in one review; 1 MiB is for what stands around them.
 */
const bodyLimit = 7 * 1024 * 1024;

/** The connection is kept longer than kube-apiserver keeps it idle (90 s), so that it is never closed under a request. */
const keepAliveTimeout = 120_000;

/** Above the longest time limit a webhook can have (30 s): who sends slower than that has gone. */
const requestTimeout = 35_000;

/** A few kube-apiservers with a few connections each, and probes: more is somebody else. */
const maxConnections = 512;

/** The webhook's HTTPS server: `/mutate` and `/validate` for kube-apiserver, health and metrics beside them. */
export function createWebhookServer(options: WebhookOptions): WebhookServer {
  const { key, cert } = options;
  const app = fastify({
    https: { key, cert, handshakeTimeout: 10_000, headersTimeout: 10_000, maxHeaderSize: 16_384 },
    bodyLimit,
    keepAliveTimeout,
    requestTimeout,
    // A key called __proto__ is no part of a Deployment; better refused than followed into some library.
    onProtoPoisoning: 'error',
    onConstructorPoisoning: 'error',
    // A request that comes over an open connection while we close is answered: a 503 would refuse somebody's apply.
    return503OnClosing: false,
    logger: false,
  });
  app.server.maxConnections = maxConnections;
  // kube-apiserver goes on over a connection it has whatever the Service's endpoints say: a replica that leaves ends each
  // with its answer, or one is closed under a request and somebody's apply is refused.
  app.addHook('onSend', (_request, reply, _payload, done) => {
    if (!options.ready()) reply.header('connection', 'close');
    done();
  });
  addMutate(app, options);
  addValidate(app, options);
  if (options.endRollouts !== undefined) addUninstall(app, options.endRollouts);
  addHealth(app, options);
  addErrors(app, options);
  return { app, reload: (pair) => reload(app.server, pair) };
}

function addMutate(app: FastifyInstance<Server>, options: WebhookOptions): void {
  const { log, onReview } = options;
  app.post('/mutate', (request, reply) => {
    const review = parseReview(request.body);
    const verdict = verdictOn(review, options);
    const outcome = verdict.kind === 'allow' ? verdict.outcome : 'refused';
    onReview(outcome, reply.elapsedTime / 1000);
    log.info({ ...shown(review), outcome }, 'reviewed');
    return reply.send(answer(review.uid, verdict));
  });
}

function verdictOn(review: Review, { decide, decideRoute }: WebhookOptions): Verdict {
  const route = routeAskedOf(review);
  if (route !== undefined) return decideRoute?.(route) ?? untouched;
  const asked = askedOf(review);
  return 'notOurs' in asked ? untouched : decide(asked);
}

/** The path says how strict the namespace is: nothing has to be read to know it. */
const strictness = { '/validate': 'refuse', '/validate/warn': 'warn' } as const;

function addValidate(app: FastifyInstance<Server>, { validate, log, onReview }: WebhookOptions): void {
  for (const [path, force] of Object.entries(strictness)) {
    app.post(path, async (request, reply) => {
      const review = parseReview(request.body);
      const verdict = await validate(attemptOf(review), force);
      const outcome = verdict.kind === 'allow' ? verdict.outcome : 'refused';
      onReview(outcome, reply.elapsedTime / 1000);
      log.info({ ...shown(review), outcome }, 'judged');
      return reply.send(answer(review.uid, verdict));
    });
  }
}

/** Of a review, what may be logged: whose and which, never what is in it. */
function shown({ uid, operation, kind, namespace, name, username, dryRun }: Review): object {
  return { uid, operation, kind, namespace, name, username, dryRun };
}

function addHealth(app: FastifyInstance<Server>, { ready, metrics }: WebhookOptions): void {
  app.get('/healthz', (_, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, reply) => {
    const isReady = ready();
    return reply
      .code(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'ok\n' : 'not ready\n');
  });
  app.get('/metrics', async (_, reply) => {
    const page = await metrics();
    return reply.type('text/plain; version=0.0.4; charset=utf-8').send(page);
  });
}

/**
 * What went wrong and the status it is answered with. Any status but 200 lets the webhook's failurePolicy decide; what a
 * user can mend is no error but a verdict, answered with 200 and `allowed: false`.
 *
 * | fault                                        | status |
 * | -------------------------------------------- | ------ |
 * | not JSON, a poisoned key, no AdmissionReview | 400    |
 * | body beyond the limit                        | 413    |
 * | another media type                           | 415    |
 * | anything else: a fault of ours               | 500    |
 */
function statusOf(error: Error): number {
  if (hasCode(error, 'REVIEW_INVALID')) return 400;
  const status = (error as Partial<FastifyError>).statusCode;
  return status !== undefined && status >= 400 && status < 500 ? status : 500;
}

function addErrors(app: FastifyInstance<Server>, { log, onReview }: WebhookOptions): void {
  app.setErrorHandler((error: Error, request, reply) => {
    const status = statusOf(error);
    const { url } = request.routeOptions;
    if (url === '/mutate' || (url !== undefined && url in strictness)) {
      onReview('failed', reply.elapsedTime / 1000);
    }
    // The parser's messages quote the body: of a fault that is not ours, the code alone is told.
    const { code } = error as Partial<FastifyError>;
    if (status === 500) log.error({ err: error, url }, 'request failed');
    else log.warn({ code, status, url }, 'request refused');
    const text = hasCode(error, 'REVIEW_INVALID') ? messageOf(error) : 'the request could not be answered';
    return reply.code(status).type('text/plain').send(`${text}\n`);
  });
}

function reload(server: Server, { key, cert }: Pair): void {
  try {
    server.setSecureContext({ key, cert });
  } catch (cause) {
    throw new SerinError('TLS_INVALID', 'cannot serve the new certificate: it and its key do not fit', {
      cause,
    });
  }
}
