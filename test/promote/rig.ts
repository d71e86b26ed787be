// `serin promote` as it is typed, with the real git; the cluster is in memory, and applies what the repository's branch says.
import { type Clock, systemClock } from '../../src/clock.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { run } from '../../src/plugin/run.ts';
import type { Cluster, ExitCode, Io } from '../../src/plugin/verb.ts';
import { promoteVerb } from '../../src/promote/verb.ts';
import type { State } from '../../src/rollout/types.ts';
import { mainOf, states } from '../report/shop.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';
import type { Home } from './repositories.ts';

/** Pauses are short, limits are what they are. */
const quick: Clock = {
  now: () => systemClock.now(),
  sleep: (ms, signal) => systemClock.sleep(ms <= 5_000 ? 5 : ms, signal),
};

export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

export interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly kube?: Cluster['kube'];
}

/** Types the words after `serin`. */
export async function serin(
  { env: own }: Home,
  words: readonly string[],
  { env = {}, files = {}, kube = nothing() }: Around = {},
): Promise<Said> {
  let [out, err] = ['', ''];
  const io: Io = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    terminal: { isTty: false, colour: false, size: () => ({ columns: 100, rows: 40 }) },
    ...{ clock: quick, random: () => 0.5, env: { ...own, ...env }, signal: new AbortController().signal },
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
    cluster: async (args) => {
      const namespace = args.text('namespace') ?? 'shop';
      const clock = { ...quick, now: () => Date.parse('2026-11-24T09:10:00Z') };
      return { kube, transport: nowhere, clock, namespace, context: args.text('context') ?? 'test' };
    },
  };
  const code = await run([promoteVerb], words, io);
  return { code, out, err };
}

const nowhere: Cluster['transport'] = {
  send: () => Promise.reject(new Error('there is no API server here')),
};

/** A cluster without a Deployment. */
const nothing = (): MemoryKube => Object.assign(memoryKube(), { watch: quiet });

export type End = 'promoted' | 'failed';

/** A cluster with Deployment shop/web of shop:1, which has shop:2 on trial once `version` is 2, and then that end. */
export async function clusterOf(version: () => string, end: End = 'promoted'): Promise<MemoryKube> {
  const kube = memoryKube();
  await kube.create(resources.deployments, 'shop', mainOf({}));
  const steps: State[] = [states.onTrial, states.onTrial, states[end]];
  let isWriting = false;
  kube.before = async ({ verb, plural, name }) => {
    if (isWriting || verb !== 'get' || plural !== 'deployments' || name !== 'web' || version() !== '2')
      return;
    const state = steps.length > 1 ? steps.shift() : steps[0];
    isWriting = true;
    await replaced(kube, mainOf(state === undefined ? {} : { state }));
    isWriting = false;
  };
  kube.watch = quiet;
  return kube;
}

/** A watch that has nothing to tell. */
export const quiet: MemoryKube['watch'] = async function* (_resource, _scope, signal) {
  yield* [];
  if (!signal.aborted)
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve, { once: true });
    });
};

/** The Deployment is that one now. */
export async function replaced(kube: MemoryKube, main: KubeObject): Promise<void> {
  const old = await kube.get(resources.deployments, 'shop', 'web');
  if (old !== undefined) await kube.delete(resources.deployments, 'shop', 'web', old.metadata.uid);
  await kube.create(resources.deployments, 'shop', main);
}
