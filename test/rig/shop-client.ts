// A shop of its own for each test of a lab that several tests share, and what its owner does there with kubectl.
import { equal, notEqual } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import { readLedger } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../src/routing/json.ts';
import { splitAnnotation } from '../../src/routing/types.ts';
import type { Json, JsonObject, Ledger, State } from '../../src/rollout/types.ts';
import type { ApiObject } from './api.ts';
import type { ControlPlane } from './control-plane.ts';
import { shopFile } from './demo-shop.ts';
import type { BareLab } from './lab.ts';
import { until } from './processes.ts';
import type { Outcome } from './run-program.ts';
import { type Deployment, patient, stateOf } from './shop-lab.ts';

/** Someone with kubectl in a namespace. */
export interface Client {
  /** Runs kubectl in the namespace, which has to succeed; answers what it said. */
  does(line: string, input?: string): Promise<Outcome>;
  /** Runs kubectl in the namespace, which has to fail; answers what it said. */
  refused(line: string, input?: string): Promise<Outcome>;
  list(plural: Plural, query?: string): Promise<readonly KubeObject[]>;
  /** Every version of the objects there from now on, as it comes, until aborted; comes back when it looks. */
  follow(plural: Plural, signal: AbortSignal): Promise<readonly KubeObject[]>;
}

export interface Shop extends Client {
  /** The Deployment as its owner keeps it in a file, with that image. */
  manifest(image: string, annotations?: Readonly<Record<string, string>>): string;
  main(): Promise<Deployment>;
  twin(): Promise<KubeObject | undefined>;
  /** Comes back when the rollout is in that phase. */
  reaches(phase: State['phase']): Promise<Deployment>;
  /** Comes back when the candidate is on trial with its weight in force: nothing is written until the interval is over. */
  onTrial(): Promise<Deployment>;
}

/** A trial that outlasts any test. */
const longPlan = 'analysis: {interval: 600s, stepWeights: [20], metrics: []}';

const groups = {
  deployments: 'apis/apps/v1',
  replicasets: 'apis/apps/v1',
  pods: 'api/v1',
  services: 'api/v1',
  virtualservices: 'apis/networking.istio.io/v1',
} as const;
type Plural = keyof typeof groups;

/** Opens the example shop without its autoscaler in a namespace of its own; comes back when its pods of `stable` serve. */
export async function makeShop(
  { plane }: Pick<BareLab, 'plane'>,
  namespace: string,
  plan = longPlan,
  stable = 'shop:1',
): Promise<Shop> {
  const objects = shopIn(namespace, stable);
  const client = clientIn(plane, namespace);
  const data = { 'canary.yaml': plan };
  const defaults = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'serin', namespace }, data };
  const items = [...objects, defaults];
  await client.does('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await client.does('rollout status deployment/web --timeout=60s');
  const main: Shop['main'] = () => plane.api.get(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  const twin: Shop['twin'] = async () =>
    (await client.list('deployments')).find(({ metadata }) => metadata.name === 'web-canary');
  const reaches = async (what: string, holds: (state: State) => Promise<boolean>): Promise<Deployment> => {
    const look = async (): Promise<Deployment | false> => {
      const now = await main();
      return (await holds(stateOf(now))) && now;
    };
    return until(`the rollout in ${namespace} to be ${what}`, look, patient);
  };
  return {
    ...client,
    manifest: (image, annotations = {}) => {
      const found = objects.find(({ kind }) => kind === 'Deployment');
      const object = { ...found, metadata: { ...objectAt(found, 'metadata'), annotations } };
      return JSON.stringify(object).replace('shop:1', image);
    },
    main,
    twin,
    reaches: (phase) => reaches(phase, async (state) => state.phase === phase),
    onTrial: () =>
      reaches('on trial', async (state) => {
        if (state.phase !== 'Progressing') return false;
        const routes = await client.list('virtualservices');
        return routes.some((route) => weightIn(route) === state.weight);
      }),
  };
}

/** Somebody with kubectl, as administrator, in that namespace. */
export function clientIn(plane: ControlPlane, namespace: string): Client {
  const run = (line: string, input?: string): Promise<Outcome> =>
    plane.kubectl(['-n', namespace, ...line.split(' ')], input === undefined ? {} : { input });
  const path = (plural: Plural): string => `/${groups[plural]}/namespaces/${namespace}/${plural}`;
  return {
    does: async (line, input) => {
      const said = await run(line, input);
      equal(said.code, 0, `kubectl ${line}: ${said.stderr}`);
      return said;
    },
    refused: async (line, input) => {
      const said = await run(line, input);
      notEqual(said.code, 0, `kubectl ${line}: ${said.stdout}`);
      return said;
    },
    list: async (plural, query = '') =>
      (await plane.api.get<{ items: KubeObject[] }>(`${path(plural)}${query}`)).items,
    follow: async (plural, signal) => {
      const seen: KubeObject[] = [];
      const looks = Promise.withResolvers<undefined>();
      plane.api.follow<KubeObject & ApiObject>(
        path(plural),
        { list: () => looks.resolve(undefined), change: (_, object) => seen.push(object) },
        signal,
      );
      await looks.promise;
      return seen;
    },
  };
}

function shopIn(namespace: string, image: string): readonly JsonObject[] {
  const text = readFileSync(shopFile, 'utf8')
    .replaceAll('namespace: shop', `namespace: ${namespace}`)
    .replace('kind: Namespace\nmetadata:\n  name: shop', `kind: Namespace\nmetadata:\n  name: ${namespace}`)
    .replaceAll('shop.example.com', `${namespace}.example.com`)
    .replace('image: shop:1', `image: ${image}`);
  const objects = parseAllDocuments(text).map((each) => each.toJS() as JsonObject);
  return objects.filter(({ kind }) => kind !== 'HorizontalPodAutoscaler');
}

/** The weight that the routes to the shop's Service were given; undefined where they have none. */
function weightIn(route: KubeObject): number | undefined {
  const note = route.metadata.annotations?.[splitAnnotation];
  const splits = note === undefined ? null : (JSON.parse(note) as Json);
  return numberAt(Object.values(isObject(splits) ? splits : {})[0], 'weight');
}

/** The evidence of a Deployment's trial, where it can be read. */
export function ledgerOf(main: KubeObject | undefined): Ledger | undefined {
  const ledger = readLedger(main?.metadata.annotations);
  return ledger !== undefined && 'corrupt' in ledger ? undefined : ledger;
}

/** The ReplicaSets and pods of main, with all of them that a roll or a restart would change. */
export async function serving(shop: Shop): Promise<{ sets: readonly string[]; pods: readonly string[] }> {
  const ours = '?labelSelector=app%3Dweb';
  const [sets, pods] = await Promise.all([shop.list('replicasets', ours), shop.list('pods', ours)]);
  const stay = pods.filter(({ metadata }) => metadata['deletionTimestamp'] === undefined);
  return { sets: sets.map(setLine).sort(), pods: stay.map(podLine).sort() };
}

function setLine({ metadata: { name, generation }, spec }: KubeObject): string {
  return `${name} ${generation} ${numberAt(spec, 'replicas')} of ${imageIn(objectAt(spec, 'template'))}`;
}

function podLine({ metadata: { uid }, spec, status }: KubeObject): string {
  const restarts = listAt(status, 'containerStatuses').map((each) => numberAt(each, 'restartCount'));
  return `${uid} of ${imageIn({ spec: spec ?? null })}, restarts ${restarts.join()}`;
}

/** The images of a pod or a pod template. */
export function imageIn(template: Json | undefined): string {
  const containers = listAt(objectAt(template, 'spec'), 'containers');
  return containers.map((each) => textAt(each, 'image')).join();
}
