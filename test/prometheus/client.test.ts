import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../src/clock.ts';
import { createAsk, type PrometheusOptions } from '../../src/prometheus/client.ts';
import { type Credentials, credentialsIn, type SecretData } from '../../src/prometheus/credentials.ts';
import type { Fetch } from '../../src/prometheus/exchange.ts';
import { fixedKeys, type Keys } from '../../src/prometheus/keys.ts';

type Init = Parameters<Fetch>[1];
interface Asked {
  readonly url: URL;
  readonly init: Init;
}

const empty = JSON.stringify({ status: 'success', data: { resultType: 'vector', result: [] } });

/** A Prometheus that gives one answer after the other, and what it was asked. */
function serving(...answers: readonly (readonly [status: number, body: string])[]) {
  const asked: Asked[] = [];
  const fetch: Fetch = (url, init) => {
    asked.push({ url, init });
    const [status, body] = answers[Math.min(asked.length, answers.length) - 1] ?? [200, empty];
    return Promise.resolve(new Response(body, { status }));
  };
  const ask = (more: Partial<PrometheusOptions> = {}) =>
    createAsk({ url: 'https://prom:9090', clock: systemClock, fetch, ...more });
  return { asked, ask };
}

function credentials(data: SecretData): Credentials {
  const read = credentialsIn(data);
  if (!read.ok) throw new Error(read.why);
  return read.credentials;
}

test('a path before the API and a query in the address are kept, as Mimir and VictoriaMetrics want them', async () => {
  const { asked, ask } = serving();
  await ask({ url: 'https://mimir/prometheus/?dedup=true' }).now('up');
  equal(asked[0]?.url.href, 'https://mimir/prometheus/api/v1/query?dedup=true&timeout=5000ms&query=up');
  equal(asked[0]?.init.method, 'GET');
});

test('a long query is posted as a form, whatever is in it', async () => {
  const { asked, ask } = serving();
  const query = `sum(x{a=~"${'ü&+=%|'.repeat(200)}"})`;
  await ask().now(query);
  const [{ url, init } = { url: new URL('x:y'), init: undefined }] = asked;
  equal(url.href, 'https://prom:9090/api/v1/query?timeout=5000ms');
  equal(init?.method, 'POST');
  equal(init.headers['content-type'], 'application/x-www-form-urlencoded');
  equal(new URLSearchParams(init.body).get('query'), query);
});

test('headers, CA and certificate of the Secret go with every query, over what the address says', async () => {
  const { asked, ask } = serving();
  const given = credentials({ token: 'abcdef', 'header.X-Scope-OrgID': 'team-a', 'ca.crt': 'CA' });
  await ask({ url: 'https://me:pass@prom', keys: fixedKeys(given) }).samples('up[1m]');
  const init = asked[0]?.init;
  deepEqual(init?.headers, {
    accept: 'application/json',
    authorization: 'Bearer abcdef',
    'x-scope-orgid': 'team-a',
  });
  deepEqual([init.tls, init.redirect], [{ ca: 'CA' }, 'manual']);
});

for (const status of [401, 403]) {
  test(`after ${status} a Secret that was changed meanwhile is tried at once`, async () => {
    const { asked, ask } = serving([status, 'expired'], [200, empty]);
    const [old, fresh] = [credentials({ token: 'old-token' }), credentials({ token: 'new-token' })];
    const refusals: Credentials[] = [];
    const keys: Keys = {
      current: () => Promise.resolve(old),
      newerThan: (refused) => {
        refusals.push(refused);
        return Promise.resolve(fresh);
      },
    };
    deepEqual(await ask({ keys }).now('up'), { kind: 'samples', samples: [], warnings: [] });
    deepEqual(
      asked.map(({ init }) => init.headers['authorization']),
      ['Bearer old-token', 'Bearer new-token'],
    );
    deepEqual(refusals, [old]);
  });
}

test('a refusal without a newer Secret is asked no second time', async () => {
  const { asked, ask } = serving([401, 'who are you?']);
  const answer = await ask({ keys: fixedKeys(credentials({ token: 'abcdef' })) }).now('up');
  deepEqual(answer, {
    kind: 'error',
    why: 'Prometheus at https://prom:9090/api/v1/query: answered 401: who are you?',
  });
  equal(asked.length, 1);
});

test('a Secret that cannot be read is the answer, and nothing is asked without it', async () => {
  const { asked, ask } = serving();
  const why = 'Secret serin-system/prom is not there';
  const keys: Keys = {
    ...fixedKeys(credentials({})),
    current: () => Promise.resolve({ kind: 'error', why }),
  };
  deepEqual(await ask({ keys }).now('up'), {
    kind: 'error',
    why: `Prometheus at https://prom:9090/api/v1/query: ${why}`,
  });
  deepEqual(asked, []);
});

const token = 'eyJhbGciOiJSUzI1NiJ9.sehr-geheim';
const leaks: readonly (readonly [what: string, status: number, body: string])[] = [
  ['in a page', 403, `<p>token ${token} has expired</p>`],
  ['in an error of the API', 400, JSON.stringify({ status: 'error', error: `Bearer ${token}: unknown` })],
  ['in an error that comes as a success', 200, JSON.stringify({ status: 'error', error: `no ${token}` })],
  ['where the line is cut', 500, `${'x'.repeat(290)} ${token}`],
];
for (const [where, status, body] of leaks) {
  test(`a token that the server repeats ${where} is not told on, not even in part`, async () => {
    const keys = fixedKeys(credentials({ token }));
    const answer = await serving([status, body]).ask({ keys }).now('up');
    equal(answer.kind, 'error');
    equal(/eyJ|geheim/.test(JSON.stringify(answer)), false, JSON.stringify(answer));
  });
}

test('a token in what the connection throws is not told on', async () => {
  const fetch: Fetch = () => Promise.reject(new TypeError(`Headers.append: "Bearer ${token}" is invalid`));
  const keys = fixedKeys(credentials({ token }));
  const answer = await createAsk({ url: 'http://prom', clock: systemClock, fetch, keys }).now('up');
  match(JSON.stringify(answer), /Headers\.append: \\"\[hidden\]\\" is invalid/);
});

test('a redirect is told, not followed', async () => {
  const answer = await serving([302, 'Found']).ask().now('up');
  deepEqual(answer, {
    kind: 'error',
    why: 'Prometheus at https://prom:9090/api/v1/query: answered 302: Found',
  });
});
