// The enforced namespace that the ways around are tried in, and what is looked at after each of them.
import { ok } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { KubeObject } from '../../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { labelsIn } from '../../../src/routing/selectors.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { ApiError, type ApiObject } from '../../rig/api.ts';
import { kubeconfig } from '../../rig/kubeconfig.ts';
import type { BareLab } from '../../rig/lab.ts';
import { until } from '../../rig/processes.ts';
import { imageIn } from '../../rig/shop-client.ts';
import { patient } from '../../rig/shop-lab.ts';
import { objects, prerequisites, routes } from './objects.ts';
import type { Step, Way } from './words.ts';

type Found = KubeObject & ApiObject;

interface Answer {
  readonly passed: boolean;
  readonly said: string;
}
type Words = Readonly<Record<string, string>>;

export interface EnforcedShop {
  list(path: string): Promise<readonly Found[]>;
  main(): Promise<Found>;
  /** Does a step; capitals stand for names that are looked up, and for `more`. */
  take(step: Step, more?: Words): Promise<Answer>;
  /** Does all steps; all but the last have to succeed, the last one is the attempt. */
  attempt(way: Way, more?: Words): Promise<Answer>;
  /** Where the traffic of Service web ends: what must never become the new image at once. */
  traffic(): Promise<JsonObject>;
  settled(): Promise<unknown>;
  apply(items: readonly JsonObject[]): Promise<unknown>;
}

/** `traffic` as it is in the beginning, and after whatever is refused or held. */
export const untouched: JsonObject = {
  selector: { app: 'web' },
  hosts: ['web'],
  images: ['shop:1'],
  subset: { app: 'web' },
};

const groups: Readonly<Record<string, string>> = {
  deployments: 'apis/apps/v1',
  replicasets: 'apis/apps/v1',
  endpointslices: 'apis/discovery.k8s.io/v1',
  virtualservices: 'apis/networking.istio.io/v1',
  destinationrules: 'apis/networking.istio.io/v1',
};

/** The words that stand for the name of an object. */
const lookedUp = /TWINLABELS|OTHEROLD|NEW|OLD|POD|SLICE/;

const nameOf = (object: KubeObject | undefined): string => object?.metadata.name ?? 'none';
const replicasOf = (set: KubeObject): number => numberAt(set['spec'], 'replicas') ?? 0;

/** Opens the shop: web was shop:4, which was bad, and is shop:1; from then on it is enforced. */
export async function openEnforcedShop(
  lab: BareLab,
  { stateDir, crds }: { readonly stateDir: string; readonly crds: string },
): Promise<EnforcedShop> {
  const { api } = lab.plane;
  const dev = join(stateDir, 'dev.kubeconfig');
  const path = (of: string): string => {
    const [plural = ''] = of.split(/[/?]/);
    return `/${groups[plural] ?? 'api/v1'}/namespaces/shop/${of}`;
  };
  const get = (of: string): Promise<Found> => api.get<Found>(path(of));
  const list: EnforcedShop['list'] = async (of) => (await api.get<{ items: Found[] }>(path(of))).items;
  const inShop = (line: string): Promise<string> => lab.kubectl(`-n shop ${line}`);
  const apply: EnforcedShop['apply'] = (items) =>
    lab.kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  const settled = (): Promise<unknown> => inShop('rollout status deployment/web --timeout=60s');

  const words = async (): Promise<Words> => {
    const [sets, others, pods, slices, deployments] = await Promise.all([
      list('replicasets?labelSelector=app%3Dweb'),
      list('replicasets?labelSelector=app%3Dother'),
      list('pods?labelSelector=app%3Dweb'),
      list('endpointslices'),
      list('deployments'),
    ]);
    const sliceOf = (service: string): string =>
      nameOf(slices.find(({ metadata }) => metadata.labels?.['kubernetes.io/service-name'] === service));
    const twin = deployments.find((each) => nameOf(each) === 'web-canary');
    const labels = labelsIn(objectAt(objectAt(twin?.['spec'], 'template'), 'metadata')['labels']);
    return {
      TWINLABELS: Object.entries(labels)
        .map(([key, value]) => `${key}=${value}`)
        .join(','),
      OTHEROLD: nameOf(others.find((set) => replicasOf(set) === 0)),
      NEW: nameOf(sets.find((set) => replicasOf(set) > 0)),
      OLD: nameOf(sets.find((set) => replicasOf(set) === 0)),
      POD: nameOf(pods.find(({ metadata }) => metadata.deletionTimestamp === undefined)),
      V2SLICE: sliceOf('web-v2'),
      SLICE: sliceOf('web'),
    };
  };
  const take: EnforcedShop['take'] = async (step, more = {}) => {
    const asked = JSON.stringify(step);
    const looked = lookedUp.test(asked) ? await words() : {};
    const fill = Object.entries({ ...looked, DEVCONFIG: dev, ...more });
    const text = fill.reduce((so, [word, value]) => so.replaceAll(word, value), asked);
    return doneBy(lab, JSON.parse(text) as Step);
  };
  const traffic: EnforcedShop['traffic'] = async () => {
    const [service, virtualService, rule, pods] = await Promise.all([
      get('services/web'),
      get('virtualservices/shop'),
      get('destinationrules/web'),
      list('pods?labelSelector=app%3Dweb'),
    ]);
    const [route] = listAt(virtualService['spec'], 'http').slice(-1);
    const hosts = listAt(route, 'route').map((each) => textAt(objectAt(each, 'destination'), 'host') ?? '');
    return {
      selector: objectAt(service['spec'], 'selector'),
      // The twin's is there as well while the canary runs.
      hosts: hosts.filter((host) => host !== 'web-canary'),
      images: [...new Set(pods.map(({ spec }) => imageIn({ spec: spec ?? null })))],
      subset: objectAt(listAt(rule['spec'], 'subsets')[0], 'labels'),
    };
  };

  await Promise.all([lab.kubectl(`apply --server-side -f ${crds}`), apply(prerequisites)]);
  await apply(objects);
  await until(
    'the kinds of the mesh',
    async () => (await lab.plane.kubectl(['get', routes.kinds])).code === 0,
  );
  await apply(routes.objects);
  await settled();
  await inShop('set image deployment/web web=shop:1');
  await settled();
  await until(
    'the old pods to go',
    async () => JSON.stringify((await traffic())['images']) === '["shop:1"]',
    patient,
  );
  const token = (await inShop('create token default')).trim();
  writeFileSync(dev, kubeconfig(lab.plane.port, { caPem: lab.plane.caPem, token }));
  await lab.kubectl('label namespace shop serin.dev/mode=enforce');
  const probe: Step = { kubectl: 'delete deployment web --dry-run=server' };
  await until('the label to be known', async () => !(await does(lab, probe)).passed, patient);
  return {
    ...{ list, take, traffic, settled, apply },
    main: () => get('deployments/web'),
    attempt: async ({ steps }, more) => {
      for (const step of steps.slice(0, -1)) {
        const { passed, said } = await take(step, more);
        ok(passed, said);
      }
      const last = steps.at(-1);
      ok(last !== undefined);
      return take(last, more);
    },
  };
}

/** Whoever meets a write of Serin's in between tries again. */
async function doneBy(lab: BareLab, step: Step, left = 5): Promise<Answer> {
  const answer = await does(lab, step);
  const isConflict = !answer.passed && answer.said.includes('the object has been modified');
  return isConflict && left > 0 ? doneBy(lab, step, left - 1) : answer;
}

async function does({ plane }: BareLab, step: Step): Promise<Answer> {
  if ('kubectl' in step) {
    const { kubectl, input, as } = step;
    const { code, stdout, stderr } = await plane.kubectl(['-n', 'shop', ...kubectl.split(' ')], {
      ...(input === undefined ? {} : { input: JSON.stringify(input) }),
      ...(as === undefined ? {} : { as }),
    });
    return { passed: code === 0, said: `${stdout}${stderr}` };
  }
  const { method, path, body } = step;
  try {
    if (method === 'DELETE') await plane.api.delete(path);
    else await (method === 'PUT' ? plane.api.replace(path, body) : plane.api.patch(path, body));
    return { passed: true, said: '' };
  } catch (error) {
    if (error instanceof ApiError) return { passed: false, said: error.message };
    throw error;
  }
}
