import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { SerinError } from '../../src/errors.ts';
import { createLogger } from '../../src/telemetry/log.ts';

interface Lines {
  readonly logger: ReturnType<typeof createLogger>;
  readonly lines: Record<string, unknown>[];
}

function logging(level = 'info'): Lines {
  const lines: Record<string, unknown>[] = [];
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>);
  return { logger: createLogger(level, { write }), lines };
}

test('a line says when, how bad, what and on what, and no more', () => {
  const { logger, lines } = logging();
  logger.child({ namespace: 'shop', name: 'web' }).warn({ weight: 20 }, 'canary advanced');
  const [{ time, ...line } = {}] = lines;
  equal(new Date(String(time)).toISOString(), time);
  deepEqual(line, { level: 'warn', namespace: 'shop', name: 'web', weight: 20, msg: 'canary advanced' });
});

test('what is below the level is not written', () => {
  const { logger, lines } = logging('warn');
  logger.info('no');
  logger.error('yes');
  deepEqual(
    lines.map(({ msg }) => msg),
    ['yes'],
  );
});

test('no credential and nothing of a Secret is written, however deep; a CA bundle is', () => {
  const { logger, lines } = logging();
  const secrets = {
    token: 'hunter2',
    authorization: 'hunter2',
    Authorization: 'hunter2',
    data: { a: 'hunter2' },
    stringData: { a: 'hunter2' },
    'tls.key': 'hunter2',
    caBundle: 'public',
  };
  logger.info(secrets);
  logger.info({ headers: secrets });
  logger.info({ review: { object: secrets } });
  logger.info({ review: { objects: [secrets] } });
  equal(JSON.stringify(lines).includes('hunter2'), false);
  equal(JSON.stringify(lines).match(/public/g)?.length, 4);
});

test('an error is written with its code, its stack and what caused it, and nothing else that hangs on it', () => {
  const { logger, lines } = logging();
  const cause = Object.assign(new Error('socket hang up'), {
    code: 'ECONNRESET',
    headers: { cookie: 'hunter2' },
  });
  logger.error(
    { err: new SerinError('KUBE_UNREACHABLE', 'cannot get pods shop/a', { cause }) },
    'look failed',
  );
  logger.error({ err: 'thrown text' });
  const [first, second] = lines.map(({ err }) => err as Record<string, unknown>);
  const { stack, cause: inner, ...rest } = first ?? {};
  deepEqual(rest, { type: 'SerinError', code: 'KUBE_UNREACHABLE', message: 'cannot get pods shop/a' });
  equal(String(stack).includes('log.test.ts'), true);
  const { stack: _stack, ...innerRest } = inner as Record<string, unknown>;
  deepEqual(innerRest, { type: 'Error', code: 'ECONNRESET', message: 'socket hang up' });
  equal(second, 'thrown text');
});
