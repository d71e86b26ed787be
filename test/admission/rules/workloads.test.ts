// The edges of the rules for Deployments, plans and other workloads, and where rules cannot know.
import { equal, rejects } from 'node:assert/strict';
import { test } from 'node:test';
import { violationsOf } from '../../../src/admission/judge.ts';
import type { Attempt } from '../../../src/admission/rules/rule.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { usualFloor } from '../../../src/config/floor.ts';
import { type Cases, judged } from './cases.ts';
import {
  annotations,
  around,
  creating,
  deleting,
  deployment,
  main,
  set,
  stored,
  template,
  unknown,
  updating,
  web,
} from './world.ts';

const ofDeployment = (changes: JsonObject, old = main): Attempt => updating('apps/deployments', old, changes);
const release = { spec: { template: template('shop:2') } };
const gone = (reason?: string): JsonObject => ({
  status: {
    availableReplicas: 0,
    conditions: reason === undefined ? [] : [{ type: 'Progressing', status: 'True', reason }],
  },
});
const without = around({ replicaSets: () => Promise.resolve([]) });
const parked = deployment('web', web, { spec: { paused: true, template: template('shop:2') } });
const skipping = annotations({
  'serin.dev/canary': 'skipAnalysis: true\nanalysis: {interval: 30s, stepWeights: [20]}',
});
const canary = (analysis: JsonObject): JsonObject =>
  annotations({ 'serin.dev/canary': JSON.stringify({ analysis }) });
const configMap = (data: JsonObject): JsonObject => stored('serin', { data });
const floor = (text: string): JsonObject => ({ 'enforce.yaml': text });
const pod = (labels: JsonObject): JsonObject =>
  stored('p', { spec: { containers: [{ image: 'a:1' }] } }, { labels });

const cases: Cases = {
  'a release that is held': [ofDeployment({ spec: { paused: true, ...release.spec } }), []],
  'a release that is not': [ofDeployment(release), ['hold']],
  'a restart': [
    ofDeployment({
      spec: { template: { metadata: { annotations: { 'kubectl.kubernetes.io/restartedAt': 'now' } } } },
    }),
    [],
  ],
  'the mending of what never came up': [
    ofDeployment(release, deployment('web', web, gone('ProgressDeadlineExceeded'))),
    [],
    without,
  ],
  'a status that says so, of pods that serve': [
    ofDeployment(
      release,
      deployment('web', web, { metadata: { uid: main.metadata.uid }, ...gone('ReplicaSetUpdated') }),
    ),
    ['hold'],
    around({
      replicaSets: () =>
        Promise.resolve([
          { ...set, metadata: { ...set.metadata, ownerReferences: [{ uid: main.metadata.uid }] } },
        ]),
    }),
  ],
  'a release where ReplicaSets are not known': [
    ofDeployment(release, deployment('web', web, gone('ReplicaSetUpdated'))),
    ['hold'],
    around({ replicaSets: () => Promise.reject(new TypeError()).catch(unknown) }),
  ],
  'a pause taken off a template that nobody tried': [
    ofDeployment({ spec: { paused: false } }, { ...parked, metadata: main.metadata }),
    ['hold'],
  ],
  'a pause taken off what runs': [
    ofDeployment({ spec: { paused: false } }, deployment('web', web, { spec: { paused: true } })),
    [],
  ],
  'maxUnavailable of 99%': [
    ofDeployment({ spec: { strategy: { rollingUpdate: { maxUnavailable: '99%' } } } }),
    [],
  ],
  'maxUnavailable of all': [
    ofDeployment({ spec: { strategy: { rollingUpdate: { maxUnavailable: 3 } } } }),
    ['strategy'],
  ],
  'maxUnavailable of all but one': [
    ofDeployment({ spec: { strategy: { rollingUpdate: { maxUnavailable: 2 } } } }),
    [],
  ],
  'an old Recreate, with a label': [
    ofDeployment(
      { metadata: { labels: { a: 'b' } } },
      deployment('web', web, { spec: { strategy: { type: 'Recreate' } } }),
    ),
    [],
  ],
  'an old Recreate, with a release': [
    ofDeployment(
      { spec: { paused: true, ...release.spec } },
      deployment('web', web, { spec: { strategy: { type: 'Recreate' } } }),
    ),
    ['strategy'],
  ],
  'an old opt-out, with a release': [
    ofDeployment(release, deployment('web', web, annotations({ 'serin.dev/canary': 'disabled' }))),
    ['opt-out'],
  ],
  'everything wrong at once': [
    ofDeployment({
      metadata: annotations({ 'serin.dev/canary': 'enabled: false' })['metadata'] ?? null,
      spec: { replicas: 0, strategy: { type: 'Recreate' }, template: template('shop') },
    }),
    ['strategy', 'zero-replicas', 'opt-out', 'mutable-tag'],
  ],
  'a step of 50': [ofDeployment(canary({ stepWeights: [50] })), []],
  'a step of 51': [ofDeployment(canary({ stepWeights: [51] })), ['plan']],
  'as many checks as are asked for, and then all at once': [ofDeployment(canary({ iterations: 5 })), []],
  'checks that look at nothing': [ofDeployment(canary({ iterations: 5, metrics: [] })), ['plan']],
  'an analysis that is skipped': [ofDeployment(skipping), ['plan']],
  'an analysis that is skipped by whoever may promote': [ofDeployment(skipping), [], around({}, 'promote')],
  'an analysis that is skipped by whoever may abort': [ofDeployment(skipping), ['plan'], around({}, 'abort')],
  'defaults that skip the analysis': [
    creating('configmaps', configMap({ 'canary.yaml': 'skipAnalysis: true\nanalysis: {interval: 30s}' })),
    ['plan'],
  ],
  'a threshold over the floor': [
    ofDeployment(canary({ threshold: 6 })),
    ['plan'],
    around({
      settings: () => Promise.resolve({ defaults: undefined, floor: { ...usualFloor, threshold: 5 } }),
    }),
  ],
  'weak defaults under a release': [
    ofDeployment({ spec: { paused: true, ...release.spec } }),
    ['plan'],
    around({ settings: () => Promise.resolve({ defaults: 'analysis: {metrics: []}', floor: usualFloor }) }),
  ],
  'a plan where the floor is not known': [
    ofDeployment(canary({ stepWeights: [5] })),
    ['plan'],
    around({ settings: () => Promise.reject(new TypeError()).catch(unknown) }),
  ],
  'defaults that cannot be followed': [
    creating('configmaps', configMap({ 'canary.yaml': 'analysis: 7' })),
    ['plan'],
  ],
  'a ConfigMap of another name': [
    creating('configmaps', stored('other', { data: { 'canary.yaml': 'x' } })),
    [],
  ],
  'a floor that rises': [
    updating('configmaps', configMap(floor('step: 40')), { data: floor('step: 30') }),
    [],
  ],
  'a floor that sinks': [
    updating('configmaps', configMap(floor('step: 40')), { data: floor('step: 41') }),
    ['floor'],
  ],
  'a floor that cannot be followed': [creating('configmaps', configMap(floor('stride: 4'))), ['floor']],
  'a floor below the usual one': [creating('configmaps', configMap(floor('step: 60'))), ['floor']],
  'no floor any more': [deleting('configmaps', configMap(floor('threshold: 9'))), ['floor']],
  'a digest': [
    creating(
      'apps/deployments',
      deployment(
        'new',
        { app: 'new' },
        { spec: { template: template('r:5000/shop@sha256:1', { app: 'new' }) } },
      ),
    ),
    [],
  ],
  'a port of the registry and no tag': [
    creating(
      'apps/deployments',
      deployment('new', { app: 'new' }, { spec: { template: template('r:5000/shop', { app: 'new' }) } }),
    ),
    ['mutable-tag'],
  ],
  'a deletion where no Service leads': [deleting('apps/deployments', deployment('x', { app: 'x' })), []],
  'a deletion where the Service has just gone': [
    deleting('apps/deployments', main),
    [],
    around({ hasService: () => Promise.resolve(false) }),
  ],
  'a deletion where Services are not known': [
    deleting('apps/deployments', main),
    ['delete'],
    around({ services: unknown }),
  ],
  'an owner that is taken away': [
    ofDeployment(
      { metadata: { ownerReferences: null } },
      deployment('web', web, { metadata: { ownerReferences: [{ uid: 'a' }] } }),
    ),
    [],
  ],
  'the Deployment itself, made anew': [creating('apps/deployments', main), []],
  'a bare pod of another app': [creating('pods', pod({ app: 'x' })), []],
  'a pod where Services are not known': [
    creating('pods', pod(web)),
    ['second-workload'],
    around({ services: unknown }),
  ],
  'a CronJob': [
    creating(
      'batch/cronjobs',
      stored('c', { spec: { jobTemplate: { spec: { template: template('a:1') } } } }),
    ),
    ['second-workload', 'second-workload'],
  ],
  'an old ReplicaSet tidied away': [deleting('apps/replicasets', { ...set, spec: { replicas: 0 } }), []],
  'a ReplicaSet of nobody': [deleting('apps/replicasets', stored('x', { spec: { replicas: 1 } })), []],
  'an annotation of a ReplicaSet': [updating('apps/replicasets', set, annotations({ a: 'b' })), []],
  'a label of a pod': [updating('pods', pod(web), { metadata: { labels: { a: 'b' } } }), []],
  'the image of a pod of nobody': [
    updating('pods', pod({ app: 'x' }), { spec: { containers: [{ image: 'a:2' }] } }),
    [],
  ],
};

judged(cases);

test('what cannot be known refuses, but never a pod', async () => {
  const blind = around({ services: unknown });
  const [deletion] = await violationsOf(deleting('apps/deployments', main), blind);
  equal(deletion?.effect, 'refuse');
  equal(deletion?.seen, 'cannot be judged just now: not known');
  const [ofPod] = await violationsOf(creating('pods', pod(web)), blind);
  equal(ofPod?.effect, 'warn');
});

test('a fault of ours is no finding', async () => {
  const faulty = around({
    services: () => {
      throw new TypeError('a bug');
    },
  });
  await rejects(violationsOf(deleting('apps/deployments', main), faulty), TypeError);
});
