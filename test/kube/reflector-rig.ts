// What the wire tests of the reflector share: the real client on real sockets, and waits that take no time.
import { deepEqual } from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { createReflector, type Reflector } from '../../src/kube/reflector.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { answer, eventually, type ScriptedApi, type Step } from '../rig/scripted-api.ts';
import { rigFor } from './rig.ts';

export interface ReflectorRig {
  readonly api: ScriptedApi;
  readonly reflector: Reflector;
  /** `+key`, `~key`, `-key` for each change, with the resourceVersion it came from and went to. */
  readonly changes: string[];
  readonly failures: unknown[];
  /** How long it waited, each time. */
  readonly waits: number[];
  readonly stop: () => void;
  readonly done: Promise<void>;
  /** Waits until the API server saw so many requests, and answers what they asked for. */
  readonly requests: (count: number) => Promise<readonly string[]>;
}

export interface ReflectorOptions {
  /** Of the reflector; without it, its waits end at once. */
  readonly clock?: Clock;
  /** Of the client. */
  readonly kubeClock?: Clock;
  readonly random?: number;
  readonly onChange?: (key: string) => void;
  readonly around?: (kube: Kube) => Kube;
}

/** A reflector of pods at work; the API server answers `steps`, then hangs. */
export async function reflecting(
  t: TestContext,
  steps: readonly Step[],
  {
    clock,
    kubeClock = systemClock,
    random = 1,
    onChange = () => {},
    around = (kube) => kube,
  }: ReflectorOptions = {},
): Promise<ReflectorRig> {
  const { api, kube } = await rigFor(t, kubeClock);
  api.script(...steps);
  const changes: string[] = [];
  const failures: unknown[] = [];
  const waits: number[] = [];
  const stopping = new AbortController();
  const told = (key: string, object: KubeObject | undefined, previous: KubeObject | undefined): void => {
    const sign = object === undefined ? '-' : previous === undefined ? '+' : '~';
    const versions = [previous, object].map((each) => each?.metadata.resourceVersion ?? '');
    changes.push(`${sign}${key} ${versions.join('>')}`);
    onChange(key);
  };
  const reflector = createReflector({
    kube: around(kube),
    resource: resources.pods,
    scope: { labelSelector: 'app' },
    clock: clock ?? hastyClock(waits),
    random: () => random,
    onChange: told,
    onFailure: (error) => failures.push(error),
  });
  const done = reflector.run(stopping.signal);
  t.after(async () => {
    stopping.abort();
    await api.close();
    await done;
  });
  const requests = async (count: number): Promise<readonly string[]> => {
    await eventually(() => api.seen.length >= count, `request ${count}`);
    return api.seen.map(({ query }) =>
      query['watch'] === 'true'
        ? `watch ${query['resourceVersion']}`
        : `list ${query['continue'] ?? ''}`.trim(),
    );
  };
  return { api, reflector, changes, failures, waits, stop: () => stopping.abort(), done, requests };
}

/** A clock whose sleeps end in the next turn, and are written down. */
function hastyClock(waits: number[]): Clock {
  let now = Date.parse('2026-11-24T09:00:00Z');
  return {
    now: () => now,
    sleep: (ms) => {
      waits.push(ms);
      now += ms;
      return new Promise((resolve) => setImmediate(resolve));
    },
  };
}

/** A pod of namespace `shop`. */
export function pod(name: string, resourceVersion: string, uid = name): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { namespace: 'shop', name, uid, resourceVersion } };
}

/** A page of a list. */
export function page(resourceVersion: string, items: readonly JsonObject[], next?: string): Step {
  return answer(200, { metadata: { resourceVersion, continue: next ?? '' }, items });
}

export function event(type: string, object: JsonObject): object {
  return { type, object };
}

export function bookmark(resourceVersion: string): object {
  return event('BOOKMARK', { kind: 'Pod', metadata: { resourceVersion } });
}

/** That the store holds exactly these `name resourceVersion`. */
export function holds({ reflector }: ReflectorRig, expected: readonly string[]): void {
  deepEqual(
    reflector.store.list().map(({ metadata }) => `${metadata.name} ${metadata.resourceVersion}`),
    expected,
  );
}
