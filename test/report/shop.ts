// Deployment `web` of namespace `shop` as the API server has it, at any point of a rollout of shop:2 in place of shop:1.
import { writeState } from '../../src/config/state.ts';
import { type KubeObject, names, type Resource, resources } from '../../src/kube/objects.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import type { Objects } from '../../src/report/objects.ts';
import { reversePatch } from '../../src/rollout/reverse.ts';
import type { Beside } from '../../src/rollout/strategy.ts';
import type { HistoryEntry, Identity, Json, JsonObject, Ledger, State } from '../../src/rollout/types.ts';
import { istio } from '../../src/routing/istio.ts';
import type { Split } from '../../src/routing/types.ts';
import { aVirtualService, patched, to } from '../routing/builders.ts';

export const now = Date.parse('2026-11-24T09:10:00Z');
/** Ago, in seconds. */
export const ago = (seconds: number): number => now - seconds * 1000;

export const template = (image: string): JsonObject => ({
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image }] },
});
const [stable, candidate] = [template('shop:1'), template('shop:2')];
export const revisions = { stable: revisionOf(stable), candidate: revisionOf(candidate) };

const identity: Identity = {
  v: 1,
  revision: revisions.candidate,
  stableRevision: revisions.stable,
  actor: 'ann',
  ownPause: false,
};
const began = ago(150);
const running = { startedAt: began, since: ago(45), needed: 4, weight: 20, message: '' };

/** States of the rollout, by what they are. */
export const states = {
  held: { ...identity, phase: 'Pending' },
  starting: { ...identity, phase: 'Starting', ...running, weight: 0, message: 'bringing the canary up' },
  onTrial: { ...identity, phase: 'Progressing', ...running },
  promoting: { ...identity, phase: 'Promoting.Roll', ...running, weight: 100, ending: 'Succeeded' },
  inPlace: {
    ...{ ...identity, phase: 'Rolling', ...running, reached: true, mixed: true },
    checks: { at: ago(15), failed: 1, silent: 0 },
  },
  promoted: {
    ...{ ...identity, phase: 'Succeeded', startedAt: began, endedAt: ago(20) },
    message: `revision ${revisions.candidate} was promoted`,
  },
  failed: {
    ...{ ...identity, phase: 'Failed', startedAt: began, endedAt: ago(20) },
    message:
      'canary worse than stable: canary failed 9 of 180, stable 0 of 1620, odds ratio above 5 at 95 %, evidence 6.1 of 5.3 by errors',
  },
} as const satisfies Record<string, State>;

/** The evidence of the trial after two checks. */
export const ledger: Ledger = {
  ...{ v: 1, revision: revisions.candidate, startedAt: began },
  ...{ ticks: 2, passed: 2, failed: 0, silent: 0, weight: 20, weightAt: ago(45) },
  last: {
    ...{ at: ago(12), weight: 20, verdict: 'pass' },
    evidence: [
      'success rate 99.92 % >= 99 % (stable 99.94 %)',
      'P99 44 ms <= 500 ms (stable 41 ms)',
      'canary not shown to be worse: canary failed 1 of 1204, stable 3 of 4810, odds ratio 0.2 to 5 at 95 %, evidence 0.4 of 5.3 by errors',
    ],
    measured: { successPercent: [99.917, 99.938], p99Ms: [44.3, 41.2] },
  },
};

export interface Shop {
  readonly state?: State;
  readonly ledger?: Ledger;
  readonly plan?: string;
  readonly annotations?: { readonly [name: string]: string };
  /** What the route gives the twin; absent: there is no route. */
  readonly weight?: number;
  readonly history?: readonly HistoryEntry[];
  readonly labels?: { readonly [name: string]: string };
  /** Of one pod of the twin. */
  readonly containerStatus?: JsonObject;
  readonly unread?: readonly string[];
  /** How the rollout said that it began. */
  readonly started?: string;
  /** What the route gives the twin beside its weight. */
  readonly beside?: Beside;
}

const usualPlan = `analysis:
  interval: 60s
  threshold: 3
  stepWeights: [10, 20, 50]
  metrics:
  - {name: request-success-rate, thresholdRange: {min: 99}}
  - {name: request-duration, thresholdRange: {max: 500}}
`;

/** Everything around it. */
export function objectsOf(shop: Shop = {}): Objects {
  const main = mainOf(shop);
  const { phase } = shop.state ?? {};
  const twin = hasTwin(phase) ? twinOf(main) : undefined;
  const made = twin === undefined ? [] : [serviceOf('web-canary', main)];
  return {
    ...{ main, services: [serviceOf('web'), ...made], events: [startedEvent(main, shop.started)] },
    sets: [setOf('web-6d8f', main, phase === 'Succeeded' ? candidate : stable, 4), ...twinSets(twin)],
    pods: [
      ...podsOf('web-6d8f', 4),
      ...(twin === undefined ? [] : podsOf('web-canary-77b5', 1, shop.containerStatus)),
    ],
    routes: shop.weight === undefined ? [] : [routeOf(shop.weight, shop.beside)],
    defaults: object('serin', { data: { 'canary.yaml': shop.plan ?? usualPlan } }),
    space: {
      metadata: {
        name: 'shop',
        uid: 'uid-shop',
        resourceVersion: '7',
        labels: shop.labels ?? { 'serin.dev/mode': 'canary' },
      },
    },
    unread: shop.unread ?? [],
    ...(twin === undefined ? {} : { twin }),
  };
}

function hasTwin(phase: State['phase'] | undefined): boolean {
  const without: readonly (State['phase'] | undefined)[] = [
    undefined,
    'Pending',
    'Rolling',
    'Succeeded',
    'Failed',
    'Aborted',
  ];
  return !without.includes(phase);
}

/** The Deployment itself. */
export function mainOf({ state, ledger: kept, annotations = {}, history }: Shop): KubeObject {
  const asked = state === undefined || state.phase === 'Aborted' ? stable : candidate;
  const isHeld = asked === candidate && state?.phase !== 'Succeeded';
  return {
    metadata: {
      ...meta('web'),
      annotations: {
        ...annotations,
        ...(state === undefined ? {} : { [names.state]: writeState(state) }),
        ...(isHeld ? { [names.stable]: JSON.stringify(reversePatch(candidate, stable)) } : {}),
        ...(kept === undefined
          ? {}
          : { [names.analysis]: JSON.stringify({ ...kept, twin: 'uid-web-canary' }) }),
        ...(history === undefined ? {} : { [names.history]: JSON.stringify(history) }),
      },
    },
    spec: { replicas: 4, ...(isHeld ? { paused: true } : {}), template: asked, ...selecting('web') },
    status: { readyReplicas: 4, replicas: 4, updatedReplicas: isHeld ? 0 : 4, availableReplicas: 4 },
  };
}

const selecting = (app: string): JsonObject => ({ selector: { matchLabels: { app } } });

function twinOf(main: KubeObject): KubeObject {
  return {
    metadata: {
      ...meta('web-canary'),
      ...ownedBy(main.metadata.name),
      annotations: { [names.twinOf]: 'web', [names.revision]: revisions.candidate },
    },
    spec: { replicas: 1, template: candidate, ...selecting('web-canary') },
    status: { readyReplicas: 1, replicas: 1 },
  };
}

const twinSets = (twin: KubeObject | undefined): readonly KubeObject[] =>
  twin === undefined ? [] : [setOf('web-canary-77b5', twin, candidate, 1)];

function setOf(name: string, owner: KubeObject, of: Json, replicas: number): KubeObject {
  return {
    metadata: { ...meta(name), ...ownedBy(owner.metadata.name) },
    spec: { replicas, template: of },
    status: { readyReplicas: replicas, replicas },
  };
}

function podsOf(set: string, count: number, containerStatus?: JsonObject): readonly KubeObject[] {
  const isReady = containerStatus === undefined;
  return Array.from({ length: count }, (_, index) => ({
    metadata: { ...meta(`${set}-${'abcd'[index]}`), ...ownedBy(set) },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
      containerStatuses: [containerStatus ?? { name: 'web', state: { running: {} } }],
    },
  }));
}

function serviceOf(name: string, owner?: KubeObject): KubeObject {
  return {
    metadata: { ...meta(name), ...(owner === undefined ? {} : ownedBy(owner.metadata.name)) },
    spec: { selector: { app: 'web' }, ports: [{ name: 'http', port: 80 }] },
  };
}

const split: Split = {
  service: { name: 'web', namespace: 'shop', ports: [{ name: 'http', port: 80 }] },
  twinService: 'web-canary',
};

function routeOf(weight: number, beside?: Beside): Objects['routes'][number] {
  const plain = aVirtualService([[to('web')]]);
  const edited = patched(
    plain,
    istio.split(plain, split, weight, { at: ago(45), ...(beside === undefined ? {} : { beside }) }),
  );
  const resource: Resource = resources.virtualServices;
  return {
    object: { ...edited, metadata: { ...meta('web'), ...metadataIn(edited) } },
    resource,
    router: istio,
  };
}

const metadataIn = ({ metadata }: JsonObject): KubeObject['metadata'] =>
  ({ ...(metadata as JsonObject), uid: 'uid-route' }) as KubeObject['metadata'];

function startedEvent(main: KubeObject, how = 'weights 10, 20, 50'): KubeObject {
  return {
    metadata: meta('web.1'),
    ...{ involvedObject: { uid: main.metadata.uid }, type: 'Normal', reason: 'CanaryStarted' },
    message: `revision ${revisions.candidate} asked for by ann is on trial, ${how}`,
    ...{ lastTimestamp: new Date(began).toISOString(), count: 1 },
  };
}

const object = (name: string, rest: JsonObject): KubeObject => ({ metadata: meta(name), ...rest });
const meta = (name: string): KubeObject['metadata'] => ({
  ...{ name, namespace: 'shop', uid: `uid-${name}`, resourceVersion: '7' },
});
const ownedBy = (owner: string): JsonObject => ({ ownerReferences: [{ uid: `uid-${owner}` }] });
