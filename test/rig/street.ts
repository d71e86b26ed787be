// Shops side by side in one lab: each in a namespace of its own, with visitors at the gateway and gates that its plan may name.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { request } from 'node:http';
import { readHistory } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { State } from '../../src/rollout/types.ts';
import { objectAt, textAt } from '../../src/routing/json.ts';
import { type GateServer, startGateServer } from './gate-server.ts';
import { findGatewayCrds } from './gateway-crds.ts';
import { type Lab, openLab, prepareLab } from './lab.ts';
import { type Load, startLoad } from './load.ts';
import { enterNamespace } from './namespace.ts';
import { until } from './processes.ts';
import { makeShop, type Shop } from './shop-client.ts';
import { weightsIn } from './shop-history.ts';
import { type Deployment, patient, stateOf } from './shop-lab.ts';

export interface Street extends Lab {
  /** What plans name as `${gates.url}/…`: no address of Serin's own machine. */
  readonly gates: GateServer;
  /** The address of a gate that is open while the candidate has less than `weight`, and then as it was set. */
  gateFrom(weight: number): string;
  /** Opens a shop with that plan; comes back when visitors are served. */
  open(namespace: string, plan: object, opening?: Opening): Promise<StreetShop>;
}

interface Opening {
  /** Changes what is there before the first visitor. */
  readonly prepare?: (shop: Shop) => Promise<unknown>;
  readonly ratePerSecond?: number;
}

/** Who answered a request, and with which cookies. */
export interface Answer {
  readonly status: number;
  readonly version: string;
  readonly cookies: readonly string[];
}

type Headers = Readonly<Record<string, string>>;

export interface StreetShop extends Shop {
  readonly namespace: string;
  readonly visitors: Load;
  /** More of them, who send `headers`. */
  load(headers: Headers): Load;
  ask(headers?: Headers, host?: string): Promise<Answer>;
  /** The versions that answer so many requests. */
  versions(times: number, headers?: Headers): Promise<readonly string[]>;
  /** Applies another plan for the whole namespace. */
  replan(plan: object): Promise<void>;
  /** Comes back when the rollout has ended. */
  ends(): Promise<State>;
  /** Sets the image; comes back when the rollout has ended. */
  release(image: string): Promise<State>;
  /** Every weight that the routes have given since `from`, without repetitions. */
  weights(from: Deployment): Promise<readonly number[]>;
  /** What Serin has told in Events. */
  events(): Promise<readonly string[]>;
  says(what: RegExp): Promise<string>;
  /** Answers that pods have given, by the app they are of. */
  served(app: string): number;
  /** The routes are as before the first rollout, and nothing of any is left; fails where not. */
  leftNoTrace(): Promise<void>;
  /** How the rollouts ended, as the Deployment tells it. */
  outcomes(): Promise<readonly string[]>;
}

/** Boots the lab and the gates; with Gateway API's kinds, too, where `withGatewayApi`. */
export async function openStreet(withGatewayApi = false): Promise<Street> {
  const { stateDir, prepared } = await enterNamespace(async () => ({
    ...(await prepareLab()),
    ...(withGatewayApi ? { gatewayCrds: await findGatewayCrds() } : {}),
  }));
  const { gatewayCrds } = prepared;
  const lab = await openLab({ stateDir, prepared, ...(gatewayCrds === undefined ? {} : { gatewayCrds }) });
  const gates = await startGateServer({ host: '10.244.255.200' });
  const shops: { close(): Promise<void> }[] = [];
  return {
    ...lab,
    gates,
    gateFrom: (weight) => {
      const path = `/from/${weight}`;
      gates.at(path, ({ body }, response) => {
        const { weight: has } = JSON.parse(body) as { weight: number };
        const asked = has < weight ? 'approve' : 'check';
        void fetch(`${gates.url}/gate/${asked}`, { method: 'POST', body }).then(({ status }) =>
          response.writeHead(status).end(),
        );
      });
      return gates.url + path;
    },
    open: async (namespace, plan, opening = {}) => {
      const shop = await openShopOn(lab, namespace, plan, opening);
      shops.push(shop);
      return shop;
    },
    close: async () => {
      await Promise.all(shops.map((shop) => shop.close()));
      await gates.close();
      await lab.close();
    },
  };
}

/** Other labs may run on the same machine: a request that is late is not lost. */
const patience = [
  { op: 'replace', path: '/spec/http/0/timeout', value: '60s' },
  { op: 'remove', path: '/spec/http/0/retries/perTryTimeout' },
];

async function openShopOn(
  lab: Lab,
  namespace: string,
  plan: object,
  { prepare = async () => undefined, ratePerSecond = 25 }: Opening,
): Promise<StreetShop & { close(): Promise<void> }> {
  const shop = await makeShop(lab, namespace, JSON.stringify(plan));
  await shop.does(`patch virtualservice shop --type=json -p ${JSON.stringify(patience)}`);
  await prepare(shop);
  const own = `${namespace}.example.com`;
  const ask = (headers: Headers = {}, host = own): Promise<Answer> =>
    askAt(lab.mesh.gatewayUrl, { ...headers, host });
  await until(`the gateway to serve ${namespace}`, async () => (await ask()).status === 200, patient);
  const loads: Load[] = [];
  const load = (headers: Headers): Load => {
    const bounds = { ratePerSecond, maxSeconds: 600, maxRequests: 30_000, timeoutMs: 30_000 };
    const started = startLoad({ url: lab.mesh.gatewayUrl, host: own, headers, ...bounds });
    loads.push(started);
    return started;
  };
  const abort = new AbortController();
  const edits = await shop.follow('virtualservices', abort.signal);
  const routes = async (): Promise<KubeObject | undefined> =>
    (await shop.list('virtualservices')).find(({ metadata }) => metadata.name === 'shop');
  const untouched = await routes();
  const events = async (): Promise<readonly string[]> => {
    const path = `/api/v1/namespaces/${namespace}/events`;
    const { items } = await lab.plane.api.get<{ items: KubeObject[] }>(path);
    return items
      .filter((event) => textAt(objectAt(event, 'source'), 'component') === 'serin')
      .map((event) => `${textAt(event, 'type')} ${textAt(event, 'reason')} ${textAt(event, 'message')}`);
  };
  /** What else is known where something is waited for in vain. */
  const told = async (cause: unknown): Promise<never> => {
    const known = [...(await events()), JSON.stringify(stateOf(await shop.main()))];
    throw new Error(`in ${namespace}: ${String(cause)}, but\n${known.join('\n')}`, { cause });
  };
  const ends = (): Promise<State> =>
    until(
      `the rollout in ${namespace} to end`,
      async () => {
        const state = stateOf(await shop.main());
        return 'endedAt' in state && state;
      },
      { timeoutMs: 120_000 },
    ).catch(told);
  return {
    ...shop,
    ...{ namespace, visitors: load({}), load, ask, ends, events },
    versions: async (times, headers) => {
      const met = new Set<string>();
      for (let n = 0; n < times; n += 1) met.add((await ask(headers)).version);
      return [...met].toSorted();
    },
    replan: async (next) => {
      const data = { 'canary.yaml': JSON.stringify(next) };
      await lab.plane.api.patch(`/api/v1/namespaces/${namespace}/configmaps/serin`, { data });
    },
    release: async (image) => {
      await shop.does(`set image deployment/web web=${image}`);
      return ends();
    },
    weights: async (from) => {
      // The routes may have been made after the Deployment was written last.
      const after = Math.max(
        Number(from.metadata.resourceVersion),
        Number(untouched?.metadata.resourceVersion),
      );
      const version = Number((await routes())?.metadata.resourceVersion);
      const versions = (): number[] => edits.map(({ metadata }) => Number(metadata.resourceVersion));
      await until(
        'the watch to have seen it',
        () => version <= after || versions().includes(version),
        patient,
      );
      const sights = edits.map((object, n) => ({
        ...({ version: versions()[n] ?? 0, kind: 'VirtualService', name: object.metadata.name } as const),
        ...{ isGone: false, object },
      }));
      const weights = weightsIn(sights.filter(({ version: at }) => at > after)).map(({ weight }) => weight);
      return weights.filter((weight, n) => weight !== weights[n - 1]);
    },
    says: (what) => {
      const said = async (): Promise<string | undefined> => (await events()).find((each) => what.test(each));
      return until(`an Event like ${what}`, said, patient).catch(told);
    },
    served: (app) =>
      lab.kubelet
        .pods()
        .filter((pod) => pod.namespace === namespace && pod.labels['app'] === app)
        .flatMap(({ name }) => [...lab.kubelet.served(name).values()])
        .reduce((sum, count) => sum + count, 0),
    leftNoTrace: async () => {
      const now = await routes();
      equal(JSON.stringify(now?.['spec']), JSON.stringify(untouched?.['spec']));
      deepEqual(now?.metadata.annotations, untouched?.metadata.annotations);
      for (const plural of ['deployments', 'services'] as const)
        deepEqual(
          (await shop.list(plural)).map(({ metadata }) => metadata.name),
          ['web'],
        );
    },
    outcomes: async () => {
      const history = readHistory((await shop.main()).metadata.annotations);
      return history === undefined || 'corrupt' in history ? [] : history.map(({ outcome }) => outcome);
    },
    close: async () => {
      abort.abort();
      await Promise.all(loads.map((each) => each.stop()));
    },
  };
}

/** Everything that the visitors sent was answered, and well. */
export async function nobodyLost(visitors: Load): Promise<void> {
  const { errors, ok: fine } = await visitors.stop();
  ok(fine > 0, 'there were visitors');
  deepEqual(errors, { byStatus: new Map(), transport: new Map() });
}

function askAt(url: string, headers: Headers): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, agent: false }, (response) => {
      const { statusCode: status = 0, headers: got } = response;
      const answer = { status, version: String(got['x-version']), cookies: got['set-cookie'] ?? [] };
      response.resume().on('end', () => resolve(answer));
    });
    sent.on('error', reject).end();
  });
}
