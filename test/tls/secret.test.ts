import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../../src/kube/objects.ts';
import { certsOnce } from '../../src/tls/rotate.ts';
import {
  cluster,
  custodyOf,
  damages,
  day,
  forbid,
  pem,
  replica,
  secretData,
  start,
  stoppedClock,
  trustedBundles,
  writeSecret,
} from './replica.ts';

test('replicas that start at once serve the one pair that one of them wrote', async () => {
  const kube = await cluster();
  const time = { now: start };
  const replicas = [replica(kube, time), replica(kube, time), replica(kube, time)];
  await Promise.all(replicas.map((each) => each.turn()));
  const data = await secretData(kube);
  for (const each of replicas) {
    deepEqual(each.served, [{ cert: data['tls.crt'], key: data['tls.key'] }]);
    await each.stop();
  }
  equal(kube.writes.filter((write) => write.endsWith('serin-certs')).length, 1);
});

for (const [damage, data] of Object.entries(damages)) {
  test(`${damage} in the Secret is replaced and never served`, async () => {
    const kube = await cluster();
    const one = replica(kube, { now: start });
    await one.turn();
    await writeSecret(kube, data);
    await one.turn();
    await one.turn();
    const whole = await secretData(kube);
    deepEqual(one.served.slice(1), [{ cert: whole['tls.crt'], key: whole['tls.key'] }]);
    await one.stop();
  });

  test(`${damage} in a Secret that cannot be written leaves the pair before serving`, async () => {
    const kube = await cluster();
    const one = replica(kube, { now: start });
    await one.turn();
    await writeSecret(kube, data);
    kube.before = forbid('patch', 'secrets');
    await one.turn();
    await one.turn();
    equal(one.served.length, 1);
    await one.stop();
  });
}

test('a Secret deleted while its pair is served is issued anew, and what is served stays trusted', async () => {
  const kube = await cluster();
  const one = replica(kube, { now: start });
  await one.turn();
  const before = await secretData(kube);
  const secret = await kube.get(resources.secrets, 'serin-system', 'serin-certs');
  await kube.delete(resources.secrets, 'serin-system', 'serin-certs', secret?.metadata.uid ?? '');
  await one.turn();
  ok((await trustedBundles(kube)).every((bundle) => bundle.includes(pem(before['ca.crt']))));
  await one.turn();
  equal(one.served.length, 2);
  await one.stop();
});

test('a renewal that is due and cannot be written does not keep a fresh replica from serving', async () => {
  const kube = await cluster();
  await certsOnce(custodyOf(kube, stoppedClock({ now: start })));
  kube.before = forbid('patch', 'secrets');
  const one = replica(kube, { now: start + 25 * day });
  await one.turn();
  equal(one.served.length, 1);
  equal(one.logged[0], 'renewal postponed {"err":"cannot patch secrets","secret":"serin-certs"}');
  await one.stop();
});

test('a renewal that another replica wrote first is read, not repeated', async () => {
  const kube = await cluster();
  const time = { now: start };
  const replicas = [replica(kube, time), replica(kube, time)];
  await Promise.all(replicas.map((each) => each.turn()));
  kube.writes.length = 0;
  time.now = start + 25 * day;
  await Promise.all(replicas.map((each) => each.turn()));
  await Promise.all(replicas.map((each) => each.turn()));
  deepEqual(kube.writes, ['patch secrets serin-certs']);
  const [one, two] = replicas.map((each) => each.served.at(-1));
  deepEqual(one, two);
  await Promise.all(replicas.map((each) => each.stop()));
});
