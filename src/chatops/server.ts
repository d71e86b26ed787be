import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { type FastifyError, type FastifyInstance, fastify } from 'fastify';
import type { Logger } from 'pino';
import { parseJson } from '../config/json.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { Json } from '../rollout/types.ts';
import { readSecret } from './access.ts';
import { readComment } from './comment.ts';
import { eventNames, type Said, saidIn } from './event.ts';
import type { Heard, Seen } from './seen.ts';
import { type ForgeName, forgeNames, type Settings } from './settings.ts';
import { isSignedByGithub, isTokenOfGitlab } from './signature.ts';

export interface ServerOptions {
  readonly settings: () => Promise<Settings>;
  readonly seen: Seen;
  /** Takes a comment to be answered; false where there is no room. */
  readonly take: (said: Said) => boolean;
  readonly metrics: () => Promise<string>;
  readonly ready: () => boolean;
  readonly log: Pick<Logger, 'info' | 'warn' | 'error'>;
  /** How long a request may take to come. */
  readonly requestTimeoutMs?: number;
}

/** A comment has 65,536 characters at most (GitHub) or a million (GitLab, of which no command needs the most). */
const bodyLimit = 1024 * 1024;
const usualRequestTimeoutMs = 10_000;
const maxConnections = 256;

type Verdict = readonly [status: number, words: string];

/** The HTTP server for the webhooks of the forges, `/github` and `/gitlab`; health and metrics beside them. */
export function createChatopsServer(options: ServerOptions): FastifyInstance {
  const { requestTimeoutMs: requestTimeout = usualRequestTimeoutMs } = options;
  const app = fastify({
    http: { headersTimeout: requestTimeout, connectionsCheckingInterval: 1_000, maxHeaderSize: 16_384 },
    ...{ bodyLimit, requestTimeout, logger: false, return503OnClosing: false },
  });
  app.server.maxConnections = maxConnections;
  // Signed is what came, byte by byte; before that is checked nothing reads it.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_, body, done) => done(null, body));
  for (const forge of forgeNames)
    app.post(`/${forge}`, async (request, reply) => {
      const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
      const [status, words] = await heard(options, forge, request.headers, body);
      options.log.info({ forge, status }, words);
      return reply.code(status).type('text/plain').send(`${words}\n`);
    });
  app.get('/healthz', (_, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, reply) => {
    const isReady = options.ready();
    return reply
      .code(isReady ? 200 : 503)
      .type('text/plain')
      .send(isReady ? 'ok\n' : 'not ready\n');
  });
  app.get('/metrics', async (_, reply) =>
    reply.type('text/plain; version=0.0.4; charset=utf-8').send(await options.metrics()),
  );
  addErrors(app, options);
  return app;
}

/** What is answered to a webhook. */
async function heard(
  { settings, seen, take }: ServerOptions,
  forge: ForgeName,
  headers: IncomingHttpHeaders,
  body: Buffer,
): Promise<Verdict> {
  const own = (await settings())[forge];
  if (own === undefined) return [404, 'the settings do not name this forge'];
  const secret = await readSecret(own.webhookSecretFile);
  const isTheirs =
    forge === 'github'
      ? isSignedByGithub(secret, body, headers['x-hub-signature-256'])
      : isTokenOfGitlab(secret, headers['x-gitlab-token']);
  if (!isTheirs) return [401, 'the signature is missing or wrong'];
  if (headers[`x-${forge}-event`] !== eventNames[forge]) return ignored;
  const json = parseJson(body.toString('utf8'));
  if (json === undefined) return [400, 'the body is not JSON'];
  const said = saidIn(forge, json as Json);
  if (said === undefined || readComment(said.text).kind === 'none') return ignored;
  const keys = keysOf(said, headers, body);
  const is = seen.take(keys, said.at);
  if (is !== 'new') return refusals[is];
  if (take(said)) return [202, 'taken'];
  seen.forget(keys);
  return refusals.full;
}

const ignored: Verdict = [200, 'nothing to do'];

const refusals: Readonly<Record<Exclude<Heard, 'new'>, Verdict>> = {
  seen: [409, 'this was heard already'],
  old: [409, 'this was said too long ago, or before this process began: say it again'],
  full: [503, 'too much is to be done already: say it again later'],
};

/** A delivery's id is not signed: what was said is known by the comment and by all of it, too. */
function keysOf(
  { forge, repository, id }: Said,
  headers: IncomingHttpHeaders,
  body: Buffer,
): readonly string[] {
  const delivery = headers[forge === 'github' ? 'x-github-delivery' : 'idempotency-key'];
  const digest = createHash('sha256').update(body).digest('base64url');
  const known = [`${forge} comment ${repository.toLowerCase()} ${id}`, `${forge} body ${digest}`];
  return typeof delivery === 'string' ? [...known, `${forge} delivery ${delivery.slice(0, 100)}`] : known;
}

function addErrors(app: FastifyInstance, { log }: ServerOptions): void {
  app.setErrorHandler((error: Error, request, reply) => {
    const { statusCode, code } = error as Partial<FastifyError>;
    const isTheirs = statusCode !== undefined && statusCode >= 400 && statusCode < 500;
    const status = isTheirs ? statusCode : hasCode(error, 'CONFIG_INVALID') ? 503 : 500;
    const { url } = request.routeOptions;
    // The parser's messages may quote the body.
    if (isTheirs) log.warn({ code, status, url }, 'request refused');
    else log.error({ why: messageOf(error), url }, 'request failed');
    return reply.code(status).type('text/plain').send('the request could not be answered\n');
  });
}
