// A plain shop in a namespace of its own, beside others in the same lab: no visitors, and no more objects than are asked for.
import { equal } from 'node:assert/strict';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { State } from '../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { ApiObject } from './api.ts';
import type { BareLab } from './lab.ts';
import { until } from './processes.ts';
import { patient, stateOf } from './shop-lab.ts';

type Found = KubeObject & ApiObject;
interface Wished {
  readonly kind: string;
  readonly metadata: { readonly name: string };
  readonly spec?: object;
  readonly data?: object;
}

const paths = {
  deployments: 'apis/apps/v1',
  services: 'api/v1',
  virtualservices: 'apis/networking.istio.io/v1',
  events: 'api/v1',
} as const;
type Plural = keyof typeof paths;

const labels = { app: 'web' };
const pods = (image: string): object => ({ containers: [{ name: 'web', image }] });
export const deployment = (name: string, app: string): Wished => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name } },
  spec: {
    ...{ replicas: 2, selector: { matchLabels: { app } } },
    template: { metadata: { labels: { app } }, spec: pods('shop:1') },
  },
});
export const service = (name: string): Wished => ({
  ...{ apiVersion: 'v1', kind: 'Service', metadata: { name } },
  spec: { selector: labels, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
});
export const virtualService = (host: string): Wished => ({
  ...{ apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'shop' } },
  spec: { hosts: [host], http: [{ route: [{ destination: { host: 'web' } }] }] },
});
export const config = (plan: object): Wished => ({
  ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'serin' } },
  data: { 'canary.yaml': JSON.stringify(plan) },
});

/** Applies the objects and a Deployment `web` in a namespace of that name; ready when its pods are. */
export async function openPlainShop(
  lab: BareLab,
  namespace: string,
  plan: object,
  ...objects: readonly Wished[]
) {
  const { api } = lab.plane;
  const apply = (...items: readonly Wished[]): Promise<string> =>
    lab.kubectl(`-n ${namespace} apply -f -`, JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await lab.kubectl(`create namespace ${namespace}`);
  await lab.kubectl(`label namespace ${namespace} serin.dev/mode=canary`);
  await apply(config(plan), ...objects, deployment('web', 'web'));
  await lab.kubectl(`-n ${namespace} rollout status deployment/web --timeout=60s`);
  const path = (plural: Plural): string => `/${paths[plural]}/namespaces/${namespace}/${plural}`;
  const get = (plural: Plural, name: string): Promise<Found> => api.get<Found>(`${path(plural)}/${name}`);
  const list = async (plural: Plural): Promise<readonly Found[]> =>
    (await api.get<{ items: Found[] }>(path(plural))).items;
  const events = async (): Promise<readonly string[]> =>
    (await list('events'))
      .filter((event) => textAt(objectAt(event, 'source'), 'component') === 'serin')
      .map((event) => `${textAt(event, 'type')} ${textAt(event, 'reason')} ${textAt(event, 'message')}`);
  return {
    ...{ apply, get, events },
    kubectl: (line: string): Promise<string> => lab.kubectl(`-n ${namespace} ${line}`),
    /** Changes the Deployment; answers what kubectl was warned of. */
    set: async (what: string): Promise<string> => {
      const { code, stderr } = await lab.plane.kubectl(`-n ${namespace} set ${what}`.split(' '));
      equal(code, 0, stderr);
      return stderr;
    },
    reaches: (...phases: readonly State['phase'][]): Promise<State> =>
      until(
        `${namespace} to reach ${phases.join(' or ')}`,
        async () => {
          const state = stateOf(await get('deployments', 'web'));
          return phases.includes(state.phase) && state;
        },
        patient,
      ),
    says: (what: RegExp): Promise<string> =>
      until(`an Event like ${what}`, async () => (await events()).find((said) => what.test(said)), patient),
    names: async (...plurals: readonly Plural[]): Promise<readonly string[]> =>
      (await Promise.all(plurals.map(list))).flat().map(({ metadata }) => metadata.name),
    /** The VirtualService of that name once it gives the twin something. */
    split: (name: string): Promise<Found> =>
      until(
        `VirtualService ${namespace}/${name} to be split`,
        async () => {
          const found = await get('virtualservices', name);
          return weightsOf(found).length > 1 && found;
        },
        patient,
      ),
  };
}

/** Of the first route: stable and, where there is one, the twin. */
export function weightsOf(found: KubeObject): readonly unknown[] {
  const [first] = listAt(objectAt(found, 'spec'), 'http');
  return listAt(first, 'route').map((destination) => objectAt({ destination }, 'destination')['weight']);
}
