import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { findPrometheus, trafficOf } from '../../src/advice/prometheus.ts';
import { plan } from '../../src/advice/plan.ts';
import { trafficTold } from '../../src/advice/told.ts';
import { parseCanary } from '../../src/config/canary.ts';
import { foreseen } from '../../src/rollout/foresight.ts';
import { systemClock } from '../../src/clock.ts';
import type { Answer } from '../../src/kube/answer.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { adviceVerbs } from '../../src/plugin/advice-verbs.ts';
import { memoryKube } from '../rig/memory-kube.ts';
import { run } from './terminal.ts';

const answer = (status: number, text: string, headers: Answer['headers'] = {}): Answer => ({
  status,
  headers,
  text,
});

const serin: KubeObject = {
  metadata: { name: 'serin', uid: 'u', resourceVersion: '1' },
  spec: {
    template: {
      spec: {
        containers: [{ args: ['controller', '--prometheus-url=http://prometheus.istio-system:9090/prom'] }],
      },
    },
  },
};
const arms = { namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 600_000 };

test('traffic is asked for through the proxy of the API server, and why it is not known is said', async () => {
  const paths: string[] = [];
  const series = (code: string, total: string): object => ({
    metric: { destination_workload: 'web', reporter: 'destination', response_code: code },
    values: [
      [0, '0'],
      [100, total],
    ],
  });
  const found = findPrometheus(
    {
      clock: systemClock,
      ask: async ({ path }) => {
        paths.push(path.replace(/\?.*/, ''));
        const result = path.includes('vector%281%29')
          ? { resultType: 'vector', result: [] }
          : { resultType: 'matrix', result: [series('200', '990'), series('500', '10')] };
        return answer(200, JSON.stringify({ status: 'success', data: result }));
      },
    },
    serin,
    undefined,
  );
  deepEqual(await trafficOf(found, arms), { perSecond: 10, errorRate: 10.5 / 1001 });
  deepEqual(
    [...new Set(paths)],
    ['/api/v1/namespaces/istio-system/services/prometheus:9090/proxy/prom/api/v1/query'],
  );
  const forbidden = findPrometheus(
    { clock: systemClock, ask: async () => answer(403, '') },
    serin,
    undefined,
  );
  deepEqual(await trafficOf(forbidden, arms), { why: 'you may not get services/proxy there' });
  deepEqual(
    await trafficOf(
      findPrometheus({ clock: systemClock, ask: async () => answer(200, '') }, undefined, undefined),
      arms,
    ),
    { why: "Serin's Deployment, which says where Prometheus is, cannot be read" },
  );
});

test('a command line that makes no sense is a usage error, and says what would', async () => {
  const verb = adviceVerbs.find(({ name }) => name === 'plan') ?? ({} as never);
  const said: readonly (readonly [readonly string[], RegExp])[] = [
    [[], /-f: a file is missing/],
    [['web'], /--image: is missing, CONTAINER=IMAGE wanted/],
    [['web', '--image', 'x'], /--image: x given/],
    [['web', '--image', 'a=b', '-f', 'x'], /either a file or/],
    [['--image', 'a=b'], /of which Deployment/],
    [['-f', 'x'], /x:1:\d+: is not YAML/],
    [['-f', 'empty'], /no objects/],
    [['web', '--image', 'a=b', '--traffic', 'much'], /--traffic: much given/],
    [['web', '--image', 'a=b', '--errors', '1%'], /goes with --traffic/],
    [['web', '--image', 'a=b', '--traffic', '1/s', '--errors', '0'], /--errors: 0 given/],
  ];
  for (const [words, why] of said) {
    const { code, err } = await run(verb, words, { x: '{', empty: '' });
    equal(code, 3, words.join(' '));
    equal(why.test(err), true, err);
  }
});

test('what Serin told when the last rollout began is the traffic where nobody else knows it', () => {
  const event = (reason: string, message: string) =>
    ({ at: 1, type: 'Normal', reason, message, count: 1 }) as const;
  const spec = parseCanary('{}');
  if (spec.ok !== true) throw new Error('the usual plan');
  const sentence = foreseen({ spec: spec.spec, settleMs: 0 }, { perSecond: 123, errorRate: 0.002 });
  const began = event('CanaryStarted', `revision a asked for by ann is on trial${sentence}`);
  deepEqual(trafficTold([event('CanaryStarted', 'x'), began, event('CanaryAdvanced', 'y')]), {
    perSecond: 120,
    errorRate: 0.002,
  });
  equal(trafficTold([began, event('CanaryStarted', 'without a word of traffic')]), undefined);
  equal(trafficTold([]), undefined);
});

test('what is in a namespace that the same apply makes cannot be told yet; a name of the API server is always new', async () => {
  const asked: string[] = [];
  const planning = {
    kube: { ...memoryKube(), list: async () => ({ items: [], resourceVersion: '' }) },
    kinds: async () => resources.deployments,
    ask: async ({ path }: { readonly path: string }) => {
      asked.push(path);
      return answer(
        404,
        JSON.stringify({ kind: 'Status', code: 404, message: 'namespaces "new" not found' }),
      );
    },
    ...{ namespace: 'new', making: ['new'], prometheus: { why: 'nobody asks' } },
  };
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };
  equal((await plan(planning, { object })).fate.is, 'unknown');
  equal((await plan({ ...planning, making: [] }, { object })).fate.is, 'refused');
  await plan(planning, { object: { ...object, metadata: { generateName: 'web-' } } });
  equal(
    asked.at(-1),
    '/apis/apps/v1/namespaces/new/deployments?dryRun=All&fieldManager=kubectl-client-side-apply',
  );
});
