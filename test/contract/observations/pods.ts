// Pods of a ReplicaSet: made, counted, sent to and taken away.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { shop } from '../shop.ts';
import { conditionsOf, countsOf, isUp } from './saying.ts';
import { opened, up } from './steps.ts';
const { deployments, endpointSlices, pods, services, validatingWebhooks } = kinds;

export const ofPods: readonly Observation[] = [
  {
    says: 'minReadySeconds: ready at once, available only after',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop({ spec: { replicas: 1, minReadySeconds: 3 } }));
      await cluster.until('ready', async () =>
        isUp(await cluster.get(deployments, 'web'), 1, 'readyReplicas'),
      );
      const ready = countsOf(await cluster.get(deployments, 'web'));
      const available = countsOf(await up(cluster, 1));
      return [ready, available];
    },
    expected: [
      { replicas: 1, updatedReplicas: 1, readyReplicas: 1, unavailableReplicas: 1 },
      { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 },
    ],
  },
  {
    says: 'pods of a crashing and of a missing image: phase, restarts and reasons, and the Deployment goes on waiting',
    scenario: async (cluster) => {
      const versions = await cluster.follow(pods);
      await cluster.create(deployments, shop({ name: 'crash', tag: 'crash', spec: { replicas: 1 } }));
      await cluster.create(deployments, shop({ name: 'missing', tag: 'missing', spec: { replicas: 1 } }));
      const waiting = (app: string, reason: string) =>
        cluster.until(`${app}: ${reason}`, async () => {
          const states = versions()
            .filter(({ metadata }) => metadata.labels?.['app'] === app)
            .map(({ status }) => [status ?? null, listAt(status, 'containerStatuses')[0] ?? null] as const);
          const found = states.find(
            ([, container]) => objectAt(objectAt(container, 'state'), 'waiting')['reason'] === reason,
          );
          return found && [textAt(found[0], 'phase'), (numberAt(found[1], 'restartCount') ?? 0) > 0];
        });
      const counts = (name: string) =>
        cluster.until('a pod to count', async () => {
          const object = await cluster.get(deployments, name);
          return isUp(object, 1, 'replicas') && countsOf(object);
        });
      return [
        await waiting('crash', 'CrashLoopBackOff'),
        await waiting('missing', 'ImagePullBackOff'),
        await counts('crash'),
        await counts('missing'),
      ];
    },
    expected: [
      ['Running', true],
      ['Pending', false],
      { replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 },
      { replicas: 1, updatedReplicas: 1, unavailableReplicas: 1 },
    ],
  },
  {
    says: 'a ReplicaSet that may make no pods says why, and so does its Deployment, until it may again',
    scenario: async (cluster) => {
      let isOpen = false;
      const clientConfig = await cluster.serveWebhook(async (review) => {
        const { uid = '' } = objectAt(review, 'request');
        const response = {
          uid,
          allowed: isOpen,
          status: { code: 403, reason: 'Forbidden', message: 'no pods' },
        };
        const answer = { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response };
        return { status: 200, body: JSON.stringify(answer) };
      });
      const webhook = {
        name: 'hook.e.example',
        clientConfig,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } },
        ...{ sideEffects: 'None', admissionReviewVersions: ['v1'] },
      };
      await cluster.create(validatingWebhooks, {
        metadata: { name: cluster.namespace },
        webhooks: [webhook],
      });
      const pod = { metadata: { name: 'probe' }, spec: { containers: [{ name: 'shop', image: 'shop:1' }] } };
      await cluster.until('the webhook to deny', async () => {
        const said = await cluster.ask({
          verb: 'create',
          resource: pods,
          body: pod,
          query: { dryRun: 'All' },
        });
        return said.status === 403;
      });
      await cluster.create(deployments, shop());
      const failure = (object: KubeObject) =>
        listAt(object['status'], 'conditions').find((each) => textAt(each, 'type') === 'ReplicaFailure');
      const failed = await cluster.until('the failure', async () =>
        failure(await cluster.get(deployments, 'web')),
      );
      isOpen = true;
      const cured = await up(cluster, 2);
      return [['status', 'reason', 'message'].map((key) => textAt(failed, key)), conditionsOf(cured)];
    },
    expected: [
      ['True', 'FailedCreate', 'admission webhook "hook.e.example" denied the request: no pods'],
      ['Available=True/MinimumReplicasAvailable', 'Progressing=True/NewReplicaSetAvailable'],
    ],
  },
  {
    says: 'when scaled down, pods that are not ready go first',
    scenario: async (cluster) => {
      await opened(cluster, 2, { tag: 'late' });
      const before = (await cluster.list(pods)).map(({ metadata }) => metadata.name);
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 4 } });
      await cluster.until('four pods', async () =>
        isUp(await cluster.get(deployments, 'web'), 4, 'replicas'),
      );
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 2 } });
      await cluster.until('two pods', async () => (await cluster.list(pods)).length === 2);
      return (
        JSON.stringify(before) ===
        JSON.stringify((await cluster.list(pods)).map(({ metadata: { name } }) => name))
      );
    },
    expected: true,
  },
  {
    says: 'when scaled down, of ready pods those go first that cost less to delete',
    scenario: async (cluster) => {
      await opened(cluster, 3);
      const [, dear] = await cluster.list(pods);
      const name = dear?.metadata.name ?? '';
      const annotations = { 'controller.kubernetes.io/pod-deletion-cost': '100' };
      await cluster.patch(pods, name, 'merge', { metadata: { annotations } });
      await cluster.patch(deployments, 'web', 'merge', { spec: { replicas: 1 } });
      await cluster.until('one pod', async () => (await cluster.list(pods)).length === 1);
      return (await cluster.list(pods)).map(({ metadata }) => metadata.name === name);
    },
    expected: [true],
  },
  {
    says: 'a Service has the ready pods it selects; a pod that is told to end is no longer ready, and still there',
    scenario: async (cluster) => {
      await cluster.create(services, {
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
      });
      await opened(cluster, 2, { pod: { terminationGracePeriodSeconds: 3 } });
      const slice = async () => {
        const [found] = await cluster.list(endpointSlices, 'kubernetes.io/service-name=web');
        return {
          ports: found?.['ports'],
          endpoints: listAt(found, 'endpoints')
            .map((each) => JSON.stringify(objectAt(each, 'conditions')))
            .sort(),
        };
      };
      const before = await slice();
      const [pod] = await cluster.list(pods);
      await cluster.ask({ verb: 'delete', resource: pods, name: pod?.metadata.name ?? '' });
      const leaving = await cluster.until('an endpoint that ends', async () => {
        const { endpoints } = await slice();
        return endpoints.find((each) => each.includes('"terminating":true'));
      });
      await up(cluster, 2);
      await cluster.until('two endpoints', async () => (await slice()).endpoints.length === 2);
      return [before, leaving, await slice()];
    },
    expected: [
      {
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
        endpoints: [
          '{"ready":true,"serving":true,"terminating":false}',
          '{"ready":true,"serving":true,"terminating":false}',
        ],
      },
      '{"ready":false,"serving":true,"terminating":true}',
      {
        ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
        endpoints: [
          '{"ready":true,"serving":true,"terminating":false}',
          '{"ready":true,"serving":true,"terminating":false}',
        ],
      },
    ],
  },
  {
    says: 'a pod that does not get ready is an endpoint that is not ready; a selector that changes changes the endpoints',
    scenario: async (cluster) => {
      await cluster.create(services, {
        metadata: { name: 'web' },
        spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
      });
      await cluster.create(deployments, shop({ tag: 'never', spec: { replicas: 1 } }));
      const endpoints = async () => {
        const [slice] = await cluster.list(endpointSlices, 'kubernetes.io/service-name=web');
        return listAt(slice, 'endpoints').map((each) => objectAt(each, 'conditions'));
      };
      const one = await cluster.until(
        'an endpoint',
        async () => (await endpoints()).length > 0 && endpoints(),
      );
      await cluster.patch(services, 'web', 'merge', { spec: { selector: { app: 'other' } } });
      await cluster.until('no endpoint', async () => (await endpoints()).length === 0);
      return one;
    },
    expected: [{ ready: false, serving: false, terminating: false }],
  },
];
