// Which webhooks are asked, and how often.
import { objectAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { allow, create, hooked, patching } from './hooks.ts';
const { configMaps, mutatingWebhooks } = kinds;

export const webhookMatching: readonly Observation[] = [
  {
    says: 'matchConditions decide whether a webhook is asked at all, by object, oldObject and request',
    scenario: async (cluster) => {
      const reviews = await hooked(cluster, {
        decide: () => allow,
        more: {
          matchConditions: [
            {
              name: 'labelled',
              expression:
                "has(object.metadata.labels) && 'on' in object.metadata.labels || object.metadata.name == 'probe'",
            },
            { name: 'not-robot', expression: "request.userInfo.username != 'robot'" },
          ],
        },
      });
      await create(cluster, 'a');
      await create(cluster, 'b', { on: 'yes' });
      await cluster.ask({
        ...{ verb: 'create', resource: configMaps, as: 'robot' },
        body: { metadata: { name: 'c', labels: { on: 'yes' } } },
      });
      return reviews.map((request) => request['name']);
    },
    expected: ['b'],
  },
  {
    says: 'an objectSelector looks at the object before and after',
    scenario: async (cluster) => {
      const reviews = await hooked(cluster, {
        decide: () => allow,
        more: { objectSelector: { matchExpressions: [{ key: 'off', operator: 'DoesNotExist' }] } },
      });
      await create(cluster, 'a');
      await create(cluster, 'b', { off: 'yes' });
      await cluster.patch(configMaps, 'b', 'merge', { metadata: { labels: { off: null } } });
      return reviews.map((request) => [request['name'], request['operation']]);
    },
    expected: [
      ['a', 'CREATE'],
      ['b', 'UPDATE'],
    ],
  },
  {
    says: 'reinvocationPolicy IfNeeded asks a webhook again only where another changed the object after it',
    scenario: async (cluster) => {
      const reviews: string[] = [];
      const clientConfig = await cluster.serveWebhook(async (review) => {
        const request = objectAt(review, 'request');
        const annotations = objectAt(objectAt(objectAt(request, 'object'), 'metadata'), 'annotations');
        reviews.push(Object.keys(annotations).join('+'));
        const second = 'second' in annotations || !('first' in annotations);
        const op = {
          op: 'add',
          path: '/metadata/annotations',
          value: { ...annotations, [second ? 'first' : 'second']: 'x' },
        };
        const response = { uid: request['uid'] ?? '', ...patching(op) };
        return {
          status: 200,
          body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
        };
      });
      const webhook = (name: string) => ({
        name,
        clientConfig,
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } },
        ...{
          sideEffects: 'None',
          admissionReviewVersions: ['v1'],
          timeoutSeconds: 5,
          reinvocationPolicy: 'IfNeeded',
        },
      });
      await cluster.create(mutatingWebhooks, {
        metadata: { name: cluster.namespace },
        webhooks: [webhook('a.e.example'), webhook('b.e.example')],
      });
      await cluster.until('the webhooks to be asked', async () => {
        const query = { dryRun: 'All' };
        await cluster.ask({
          verb: 'create',
          resource: configMaps,
          query,
          body: { metadata: { name: 'probe' } },
        });
        return reviews.length > 0;
      });
      reviews.length = 0;
      await create(cluster);
      return reviews;
    },
    expected: ['', 'first', 'first+second'],
  },
];
