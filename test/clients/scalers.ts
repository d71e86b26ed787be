// What scales: the HPA of kube-controller-manager itself; KEDA and VPA by the requests they send.
import { equal, ok } from 'node:assert/strict';
import { numberAt } from '../../src/routing/json.ts';
import type { Outcome } from '../rig/run-program.ts';
import { held, type Place, type Row, serving } from './row.ts';

const noWrite = { told: '', asked: false };
const autoscale = (place: Place): Promise<Outcome> =>
  place.kubectl('autoscale deployment $NAME --min=2 --max=3 --cpu=80%');

/** As KEDA goes to zero and back: it reads the scale and puts it, again where somebody wrote in between. */
async function putScale(place: Place, replicas: number): Promise<Outcome> {
  const path = `/apis/apps/v1/namespaces/${place.namespace}/deployments/$NAME/scale`;
  for (;;) {
    const scale = JSON.parse((await place.kubectl(`get --raw ${path}`)).stdout) as object;
    const input = JSON.stringify({ ...scale, spec: { replicas } });
    const said = await place.kubectl(`replace --raw ${path} -f -`, { input });
    if (said.code === 0 || !said.stderr.includes('Conflict')) return said;
  }
}

/** As VPA's updater does, so that its webhook gives the pod's successor other resources. */
async function evict(place: Place): Promise<Outcome> {
  const found = await place.kubectl('get pod -l app=$NAME -o name');
  const name = found.stdout.trim().replace('pod/', '');
  const path = `/api/v1/namespaces/${place.namespace}/pods/${name}/eviction`;
  const eviction = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { name, namespace: place.namespace },
  };
  return place.kubectl(`create --raw ${path} -f -`, { input: JSON.stringify(eviction) });
}

const hasPods = (count: number) => (place: Place) =>
  place.until(`${count} stable pods`, ({ status }) => numberAt(status, 'availableReplicas') === count);

export const scalers: readonly Row[] = [
  {
    does: 'HorizontalPodAutoscaler',
    begins: 'serving',
    act: autoscale,
    ends: serving('nothing'),
    also: hasPods(2),
  },
  {
    does: 'HorizontalPodAutoscaler',
    begins: 'held',
    note: 'scales the stable version',
    act: autoscale,
    ends: held('nothing', 'shop:2', noWrite),
    also: hasPods(2),
  },
  {
    does: 'KEDA: up',
    begins: 'held',
    act: (place) => putScale(place, 2),
    ends: held('update scale', 'shop:2', noWrite),
    also: hasPods(2),
  },
  {
    does: 'KEDA: to zero',
    begins: 'serving',
    act: (place) => putScale(place, 0),
    ends: serving('update scale', { pods: 'replaced' }),
  },
  {
    does: 'KEDA: to zero and back',
    begins: 'held',
    note: 'comes back as the stable version',
    act: async (place) => {
      const said = await putScale(place, 0);
      await place.until('no pod', ({ status }) => (numberAt(status, 'replicas') ?? 0) === 0);
      equal((await putScale(place, 1)).code, 0);
      return said;
    },
    ends: held('update scale; update scale', 'shop:2', { ...noWrite, pods: 'replaced' }),
    also: async (place) => {
      await hasPods(1)(place);
      const images = await place.kubectl('get pod -l app=$NAME -o jsonpath={..image}');
      ok(!images.stdout.includes('shop:2'), images.stdout);
    },
  },
  {
    does: 'VerticalPodAutoscaler: eviction',
    begins: 'held',
    note: 'it changes pods as they come to be, never the template; the evicted one comes back as the stable version',
    act: evict,
    ends: held('nothing', 'shop:2', { ...noWrite, pods: 'replaced' }),
    also: hasPods(1),
  },
];
