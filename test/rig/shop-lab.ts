// The example shop in a whole lab, with people in it: what the tests of rollouts share.
import { readFileSync } from 'node:fs';
import { readState } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import type { State } from '../../src/rollout/types.ts';
import { parseAllDocuments } from 'yaml';
import type { ApiObject } from './api.ts';
import type { AuditEvent } from './audit.ts';
import { shopFile } from './demo-shop.ts';
import { type Lab, openLab, prepareLab } from './lab.ts';
import { type Load, startLoad } from './load.ts';
import { enterNamespace } from './namespace.ts';
import { until } from './processes.ts';
import type { Outcome } from './run-program.ts';
import { followShop, type Sight } from './shop-history.ts';

export const web = '/apis/apps/v1/namespaces/shop/deployments/web';
export const shopRoutes = '/apis/networking.istio.io/v1/namespaces/shop/virtualservices/shop';
export const shopHost = 'shop.example.com';

/** Other labs may run on the same machine: nothing here is measured by how long it takes. */
export const patient = { timeoutMs: 60_000 };

/**
 * A release in seconds. One failed check rolls back. At 100 requests a second a version that fails 5 % of them answers
 * 1 and then 3 errors a second; of each interval the first seconds may not be seen (routes on their way, a series that
 * is new, a scrape to come), and of the other three it still passes both checks once in 100 000 runs. The duration is
 * measured and not judged: this machine is shared.
 */
const plan = `analysis:
  interval: 6s
  threshold: 1
  stepWeights: [20, 60]
  metrics:
  - {name: request-success-rate, thresholdRange: {min: 99}, interval: 6s}
  - {name: request-duration, thresholdRange: {max: 4000}, interval: 6s}
`;

export interface ShopLab extends Lab {
  /** The people: 100 requests a second through the gateway. */
  readonly visitors: Load;
  /** Sets the image and comes back when the rollout has ended. */
  release(image: string): Promise<Released>;
  /** Sets the image; comes back when Serin holds it. */
  ask(image: string): Promise<Asked>;
  main(): Promise<Deployment>;
  /** The audit log, once it holds all that was asked of the API server until now. */
  audit(): Promise<readonly AuditEvent[]>;
}

export type Deployment = KubeObject & ApiObject;

export interface Asked {
  /** What the Deployment was before. */
  readonly before: Deployment;
  /** Resolves when the rollout has ended. */
  readonly ended: Promise<Released>;
}

export interface Released {
  readonly before: Deployment;
  readonly state: State;
  /** Of `kubectl rollout status`, run beside it from the beginning. */
  readonly rolloutStatus: Outcome;
  /** What was seen from outside since `before`. */
  readonly sights: readonly Sight[];
}

type ShopObject = ApiObject & { readonly kind: string; readonly spec?: object };

/** Boots the lab and opens the shop with visitors in it; `change` may change or leave out (undefined) its objects. */
export async function openShop(change: (object: ShopObject) => object | undefined): Promise<ShopLab> {
  const { stateDir, prepared } = await enterNamespace(prepareLab);
  const lab = await openLab({ stateDir, prepared });
  const { plane, mesh } = lab;
  const shop = parseAllDocuments(readFileSync(shopFile, 'utf8')).map((each) => each.toJS() as ShopObject);
  const config = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'serin', namespace: 'shop' },
    data: { 'canary.yaml': plan },
  };
  const items = [...shop.flatMap((object) => change(object) ?? []), config];
  await lab.kubectl('apply -f -', JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
  await lab.kubectl('-n shop rollout status deployment/web --timeout=60s');
  const url = mesh.gatewayUrl;
  await until(
    'the gateway to serve the shop',
    async () => {
      const { ok } = await startLoad({
        ...{ url, host: shopHost, ratePerSecond: 100 },
        ...{ maxSeconds: 5, maxRequests: 10 },
      }).ended;
      return ok === 10;
    },
    patient,
  );
  const bounds = { ratePerSecond: 100, maxSeconds: 240, maxRequests: 24_000 };
  const visitors = startLoad({ url, host: shopHost, ...bounds });
  const abort = new AbortController();
  const history = followShop(plane.api, abort.signal);
  const main = (): Promise<Deployment> => plane.api.get<Deployment>(web);

  const finish = async (before: Deployment): Promise<Released> => {
    const rolloutStatus = plane.kubectl('-n shop rollout status deployment/web --timeout=110s'.split(' '));
    const state = await until(
      'the rollout to end',
      async () => {
        const now = stateOf(await main());
        return 'endedAt' in now && now;
      },
      { timeoutMs: 110_000 },
    );
    const after = Number(before.metadata.resourceVersion);
    const sights = await until(
      'the watches to have seen the end',
      async () => {
        const last = await Promise.all([main(), plane.api.get(shopRoutes)]);
        const seen = history(after);
        const versions = new Set(seen.map(({ version }) => version));
        // A VirtualService that was never written is as it was before.
        return (
          last.every(
            ({ metadata: { resourceVersion: version } }) =>
              Number(version) <= after || versions.has(Number(version)),
          ) && seen
        );
      },
      patient,
    );
    // The Deployment may not have been written for a while: what came before this release is not of it.
    const begins = sights.findIndex(({ kind, name }) => kind === 'Deployment' && name === 'web');
    return { before, state, rolloutStatus: await rolloutStatus, sights: sights.slice(begins) };
  };
  const ask = async (image: string): Promise<Asked> => {
    const before = await main();
    await lab.kubectl(`-n shop set image deployment/web web=${image}`);
    return { before, ended: finish(before) };
  };
  return {
    ...lab,
    visitors,
    main,
    audit: async () => {
      const mark = `/api/v1/namespaces/shop/configmaps/mark-${crypto.randomUUID()}`;
      await plane.api.get(mark).catch(() => undefined);
      return until(
        'the audit log to be written',
        () => {
          const events = plane.auditEvents();
          return events.some(({ requestURI }) => requestURI === mark) && events;
        },
        patient,
      );
    },
    ask,
    release: async (image) => (await ask(image)).ended,
    close: async () => {
      abort.abort();
      await visitors.stop();
      await lab.close();
    },
  };
}

/** The state of the rollout; throws where there is none that can be read. */
export function stateOf(deployment: KubeObject): State {
  const state = readState(deployment.metadata.annotations);
  if (state === undefined || 'corrupt' in state) {
    throw new Error(`no state: ${JSON.stringify(deployment.metadata.annotations)}`);
  }
  return state;
}

/** What went wrong with the requests sent in that phase, by status or kind, with how often; throws where none was sent. */
export function failuresIn({ visitors }: ShopLab, phase: string): readonly string[] {
  const counts = visitors.snapshot().byPhase.get(phase);
  if (counts === undefined) throw new Error(`no request was sent in phase ${phase}`);
  return [...counts.errors.byStatus, ...counts.errors.transport].map(([what, count]) => `${what}: ${count}`);
}
