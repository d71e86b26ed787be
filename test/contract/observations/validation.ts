// What is refused whoever asks, what is filled in, and what is only tried.
import { listAt, objectAt } from '../../../src/routing/json.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { kinds } from '../../sim/api/kinds.ts';
import type { Observation } from '../cluster.ts';
import { shop } from '../shop.ts';
import { told } from './saying.ts';
import { tell } from './steps.ts';
const { deployments, services } = kinds;
const held = { spec: { paused: true } };

export const validation: readonly Observation[] = [
  {
    says: 'the selector of a Deployment cannot be changed',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop(held));
      return tell(cluster, 'merge', {
        spec: {
          selector: { matchLabels: { app: 'other' } },
          template: { metadata: { labels: { app: 'other' } } },
        },
      });
    },
    expected: [
      422,
      'Invalid',
      'Deployment.apps "web" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"other"}}: field is immutable',
    ],
  },
  {
    says: 'a selector that does not select the template is refused',
    scenario: async ({ ask }) => {
      const body = shop({ spec: { paused: true, selector: { matchLabels: { app: 'other' } } } });
      return told(await ask({ verb: 'create', resource: deployments, body }));
    },
    expected: [
      422,
      'Invalid',
      'Deployment.apps "web" is invalid: spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`',
    ],
  },
  {
    says: 'annotations hold 256 KiB and not a byte more, keys counted',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop(held));
      const note = (bytes: number) =>
        tell(cluster, 'merge', { metadata: { annotations: { note: 'x'.repeat(bytes) } } });
      return [await note(256 * 1024 - 4 + 1), await note(256 * 1024 - 4)];
    },
    expected: [
      [
        422,
        'Invalid',
        'Deployment.apps "web" is invalid: metadata.annotations: Too long: may not be more than 262144 bytes',
      ],
      [200],
    ],
  },
  {
    says: 'a custom kind takes no strategic patch',
    scenario: async ({ create, ask }) => {
      await create(kinds.virtualServices, {
        ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'a' } },
        spec: { hosts: ['a'], http: [{ route: [{ destination: { host: 'a' } }] }] },
      });
      return told(
        await ask({
          ...{ verb: 'patch', patchType: 'strategic', resource: kinds.virtualServices, name: 'a' },
          body: { metadata: { annotations: { a: 'b' } } },
        }),
      );
    },
    expected: [
      415,
      'UnsupportedMediaType',
      'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml',
    ],
  },
  {
    says: 'negative replicas are refused, and a Service without ports',
    scenario: async (cluster) => {
      await cluster.create(deployments, shop(held));
      return [
        await tell(cluster, 'merge', { spec: { replicas: -1 } }),
        told(
          await cluster.ask({
            verb: 'create',
            resource: services,
            body: { metadata: { name: 'a' }, spec: { selector: { app: 'a' } } },
          }),
        ),
      ];
    },
    expected: [
      [
        422,
        'Invalid',
        'Deployment.apps "web" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0',
      ],
      [422, 'Invalid', 'Service "a" is invalid: spec.ports: Required value'],
    ],
  },
  {
    says: 'what is not given is filled in with its default',
    scenario: async ({ create }) => {
      const { spec } = (await create(deployments, shop(held))) as unknown as {
        spec: Record<string, Json> & { template: { spec: Record<string, Json> } };
      };
      const { template, selector: _, ...rest } = spec;
      const { containers, ...pod } = template.spec;
      return { ...rest, pod, container: listAt({ containers: containers ?? null }, 'containers')[0] };
    },
    expected: {
      replicas: 2,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      paused: true,
      progressDeadlineSeconds: 600,
      pod: {
        restartPolicy: 'Always',
        terminationGracePeriodSeconds: 1,
        dnsPolicy: 'ClusterFirst',
        securityContext: {},
        schedulerName: 'default-scheduler',
      },
      container: {
        name: 'shop',
        image: 'shop:1',
        ports: [{ containerPort: 8080, protocol: 'TCP' }],
        resources: {},
        terminationMessagePath: '/dev/termination-log',
        terminationMessagePolicy: 'File',
        imagePullPolicy: 'IfNotPresent',
      },
    },
  },
  {
    says: 'a dry run answers as if it were done, and does nothing: create, patch, delete',
    scenario: async ({ create, ask, get }) => {
      const query = { dryRun: 'All' };
      const born = await ask({ verb: 'create', resource: deployments, body: shop(held), query });
      const none = await ask({ verb: 'get', resource: deployments, name: 'web' });
      await create(deployments, shop(held));
      const on = { resource: deployments, name: 'web', query };
      const patched = await ask({
        verb: 'patch',
        patchType: 'merge',
        body: { spec: { replicas: 7 } },
        ...on,
      });
      const deleted = await ask({ verb: 'delete', body: { dryRun: ['All'] }, ...on });
      const { spec, metadata } = (await get(deployments, 'web')) as unknown as {
        spec: { replicas: number };
        metadata: { generation: number };
      };
      return [
        born.status,
        objectAt(born.body, 'metadata')['resourceVersion'] ?? 'none',
        typeof objectAt(born.body, 'metadata')['uid'],
        none.status,
        [patched.status, objectAt(patched.body, 'metadata')['generation']],
        deleted.status,
        [spec.replicas, metadata.generation],
      ];
    },
    expected: [201, 'none', 'string', 404, [200, 2], 200, [2, 1]],
  },
];
