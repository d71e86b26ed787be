// What becomes of a write whose webhook gives no answer, or none that can be used.
import { objectAt } from '../../../src/routing/json.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { told } from './saying.ts';
import { create, hooked, patching, unlessProbe } from './hooks.ts';
const { configMaps, mutatingWebhooks } = kinds;

export const webhookFailures: readonly Observation[] = [
  {
    says: 'no answer within the timeout: Fail refuses, and what it says',
    scenario: async (cluster) => {
      await hooked(cluster, { decide: unlessProbe(() => 'silent'), more: { failurePolicy: 'Fail' } });
      return told(await create(cluster));
    },
    expected: [
      500,
      'InternalError',
      'Internal error occurred: failed calling webhook "hook.e.example": failed to call webhook: Post "https://hook.NS.svc:443/?timeout=1s": context deadline exceeded',
    ],
  },
  {
    says: 'no answer within the timeout: Ignore lets it through as it was',
    scenario: async (cluster) => {
      await hooked(cluster, { decide: unlessProbe(() => 'silent'), more: { failurePolicy: 'Ignore' } });
      const { status, warnings } = await create(cluster);
      return [status, warnings];
    },
    expected: [201, []],
  },
  {
    says: 'an answer that is an error, or no review: Fail refuses, and what it says',
    scenario: async (cluster) => {
      await hooked(cluster, {
        decide: unlessProbe((request) =>
          objectAt(objectAt(request, 'object'), 'metadata')['name'] === 'error' ? 'error' : 'nonsense',
        ),
        more: { failurePolicy: 'Fail' },
      });
      return [told(await create(cluster, 'error')), told(await create(cluster, 'nonsense'))];
    },
    expected: [
      [
        500,
        'InternalError',
        'Internal error occurred: failed calling webhook "hook.e.example": failed to call webhook: an error on the server ("unknown") has prevented the request from succeeding',
      ],
      [
        500,
        'InternalError',
        'Internal error occurred: failed calling webhook "hook.e.example": failed to call webhook: couldn\'t get version/kind; json parse error: json: cannot unmarshal string into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }',
      ],
    ],
  },
  {
    says: 'a patch that does not apply refuses the write even with failurePolicy Ignore',
    scenario: async (cluster) => {
      const patch = patching({ op: 'remove', path: '/metadata/annotations/none' });
      await hooked(cluster, { decide: unlessProbe(() => patch), more: { failurePolicy: 'Ignore' } });
      return told(await create(cluster));
    },
    expected: [
      500,
      'InternalError',
      'Internal error occurred: remove operation does not apply: doc is missing path: "/metadata/annotations/none": missing value',
    ],
  },
  {
    says: 'a webhook at a Service without endpoints: Fail refuses, and what it says',
    scenario: async (cluster) => {
      const webhook = {
        name: 'hook.e.example',
        clientConfig: { service: { namespace: cluster.namespace, name: 'nobody' } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } },
        ...{ sideEffects: 'None', admissionReviewVersions: ['v1'], timeoutSeconds: 1, failurePolicy: 'Fail' },
      };
      await cluster.create(kinds.services, {
        metadata: { name: 'nobody' },
        spec: { selector: { app: 'nobody' }, ports: [{ port: 443 }] },
      });
      await cluster.create(mutatingWebhooks, { metadata: { name: cluster.namespace }, webhooks: [webhook] });
      return cluster.until('it to be refused', async () => {
        const said = await cluster.ask({
          ...{ verb: 'create', resource: configMaps, query: { dryRun: 'All' } },
          body: { metadata: { name: 'a' } },
        });
        return said.status >= 300 && told(said);
      });
    },
    expected: [
      500,
      'InternalError',
      'Internal error occurred: failed calling webhook "hook.e.example": failed to call webhook: Post "https://nobody.NS.svc:443/?timeout=1s": no endpoints available for service "nobody"',
    ],
  },
];
