import { deepEqual, doesNotMatch, equal, ok, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../src/kube/objects.ts';
import { certsOnce } from '../../src/tls/rotate.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import {
  type Replica,
  caDue,
  cluster,
  custodyOf,
  damages,
  day,
  forbid,
  installWebhooks,
  pem,
  replica,
  secretData,
  start,
  stoppedClock,
  trustedBundles,
  webhooks,
  writeSecret,
} from './replica.ts';

test('a fresh installation gets a Secret, a caBundle in every webhook, and serves; then nothing is written', async () => {
  const kube = await cluster();
  const one = replica(kube, { now: start });
  equal(await one.turn(), 600_000);
  deepEqual(kube.writes, ['create secrets serin-certs', 'patch mutatingwebhookconfigurations serin']);
  const data = await secretData(kube);
  deepEqual(Object.keys(data), ['ca.crt', 'ca.key', 'tls.crt', 'tls.key']);
  deepEqual(await trustedBundles(kube), [pem(data['ca.crt']), pem(data['ca.crt'])]);
  deepEqual(one.served, [{ cert: data['tls.crt'], key: data['tls.key'] }]);
  kube.writes.length = 0;
  await one.turn();
  await one.turn();
  deepEqual(kube.writes, []);
  equal(one.served.length, 1);
  await one.stop();
});

test('a new CA is trusted by every webhook, beside the old one, a poll before any replica serves its leaf', async () => {
  const kube = await cluster();
  const time = { now: start };
  const replicas = [replica(kube, time), replica(kube, time)];
  await Promise.all(replicas.map((each) => each.turn()));
  const before = await secretData(kube);

  time.now = caDue;
  await Promise.all(replicas.map((each) => each.turn()));
  const after = await secretData(kube);
  equal(after['previous-ca.crt'], before['ca.crt']);
  const both = pem(after['ca.crt']) + pem(before['ca.crt']);
  deepEqual(await trustedBundles(kube), [both, both]);
  deepEqual(
    replicas.map((each) => each.served.length),
    [1, 1],
  );

  await Promise.all(replicas.map((each) => each.turn()));
  for (const each of replicas)
    deepEqual(each.served.slice(1), [{ cert: after['tls.crt'], key: after['tls.key'] }]);

  time.now = start + 365 * day;
  await replicas[0]?.turn();
  const late = await secretData(kube);
  equal(late['ca.crt'], after['ca.crt']);
  deepEqual(await trustedBundles(kube), [pem(late['ca.crt']), pem(late['ca.crt'])]);
  await Promise.all(replicas.map((each) => each.stop()));
});

test('a replica that finds the new pair in the Secret waits for trust as the one that wrote it does', async () => {
  const kube = await cluster();
  const time = { now: start };
  const writer = replica(kube, time);
  const reader = replica(kube, time);
  await Promise.all([writer.turn(), reader.turn()]);
  time.now = caDue;
  await writer.turn();
  await reader.turn();
  equal(reader.served.length, 1);
  await reader.turn();
  equal(reader.served.length, 2);
  await Promise.all([writer.stop(), reader.stop()]);
});

test('a new leaf is not served while the caBundle cannot be patched, and the old one goes on', async () => {
  const kube = await cluster();
  const time = { now: start };
  const one = replica(kube, time);
  await one.turn();
  time.now = caDue;
  kube.before = forbid('patch', 'mutatingwebhookconfigurations');
  for (let poll = 0; poll < 3; poll += 1) equal(await one.turn(), 10_000);
  equal(one.served.length, 1);
  kube.before = () => undefined;
  await one.turn();
  await one.turn();
  equal(one.served.length, 2);
  await one.stop();
});

test('a new leaf is not served while somebody takes the new CA out of the caBundle at every poll', async () => {
  const kube = await cluster();
  const time = { now: start };
  const one = replica(kube, time);
  await one.turn();
  time.now = caDue;
  for (let poll = 0; poll < 3; poll += 1) {
    await one.turn();
    const op = { op: 'remove', path: '/webhooks/1/clientConfig/caBundle' } as const;
    await kube.patch(resources.mutatingWebhooks, undefined, 'serin', { type: 'json', ops: [op] });
  }
  equal(one.served.length, 1);
  await one.turn();
  await one.turn();
  equal(one.served.length, 2);
  await one.stop();
});

test('without anything to serve it asks again every second; what failed after ten; then, without news, after ten minutes', async () => {
  const kube = await cluster();
  kube.before = forbid('create', 'secrets');
  const one = replica(kube, { now: start });
  deepEqual([await one.turn(), await one.turn()], [1_000, 1_000]);
  deepEqual(one.logged.slice(0, 1), ['no certificate to serve yet {"err":"cannot create secrets"}']);
  kube.before = () => undefined;
  equal(await one.turn(), 600_000);
  kube.before = forbid('get', 'secrets');
  equal(await one.turn(), 10_000);
  equal(one.logged.at(-1), 'certificates not checked {"err":"cannot get secrets"}');
  await one.stop();
});

test('a pair that the server refuses is offered again at the next poll', async () => {
  const kube = await cluster();
  let refuse = true;
  const one = replica(
    kube,
    { now: start },
    {
      onPair: () => {
        if (refuse) throw new Error('no');
      },
    },
  );
  equal(await one.turn(), 1_000);
  refuse = false;
  equal(await one.turn(), 600_000);
  equal(one.served.length, 1);
  await one.stop();
});

test('no key is ever logged', async () => {
  const kube = await cluster();
  const time = { now: start };
  const one: Replica = replica(kube, time);
  await one.turn();
  for (const data of Object.values(damages)) {
    await writeSecret(kube, data);
    kube.before = forbid('patch', 'secrets');
    await one.turn();
    kube.before = () => undefined;
    await one.turn();
  }
  time.now = caDue;
  await one.turn();
  ok(one.logged.length > 10);
  doesNotMatch(one.logged.join('\n'), /PRIVATE|BEGIN|LS0tLS1CRUdJTi/);
  await one.stop();
});

test('certsOnce says what it did', async () => {
  const kube = memoryKube();
  const time = { now: start };
  const once = (): Promise<string> => certsOnce(custodyOf(kube, stoppedClock(time)));
  const secret = 'Secret serin-system/serin-certs:';
  const configuration = 'MutatingWebhookConfiguration serin';
  equal(
    await once(),
    `${secret} issued a CA and a serving certificate: no complete set is stored; ${configuration} does not exist yet.`,
  );
  await installWebhooks(kube, webhooks);
  equal(await once(), `${secret} the certificates are in order; ${configuration} was made to trust them.`);
  equal(await once(), `${secret} the certificates are in order; ${configuration} trusts them.`);
  time.now = start + 25 * day;
  equal(
    await once(),
    `${secret} issued a serving certificate: two thirds of the life of the serving certificate are over; ${configuration} trusts them.`,
  );
  time.now = start + 50 * day;
  kube.before = forbid('patch', 'secrets');
  await rejects(once, { code: 'KUBE_FORBIDDEN', message: 'cannot patch secrets' });
});
