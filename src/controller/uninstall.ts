import type { Clock } from '../clock.ts';
import { uninstallNote } from '../config/uninstall.ts';
import { hasCode } from '../errors.ts';
import { isPaused, isTwin } from '../kube/deployment.ts';
import { listAll, type Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import { isIdle, isUnderway, isWaiting } from './idle.ts';

export interface Leaving {
  readonly kube: Kube;
  readonly clock: Clock;
  /** The namespace Serin is installed in. */
  readonly home: string;
  /** How long to wait for the last rollout to end. */
  readonly limitMs: number;
  /** How long no rollout is wanted from now on, also where nobody waits any more. */
  readonly noteMs: number;
  /** Told of what is left, whenever that has changed. */
  readonly onLeft?: (left: readonly string[]) => void;
}

const lookEveryMs = 1_000;

/**
 * Has the controller end every rollout at stable and waits for it; answers what is left when the time is over. All that
 * holds releases stays in force meanwhile, so that none slips through as a plain rolling update.
 */
export async function endRollouts(leaving: Leaving): Promise<readonly string[]> {
  const { kube, clock, home, limitMs, noteMs, onLeft } = leaving;
  const end = clock.now() + limitMs;
  await note(kube, home, clock.now() + noteMs);
  let left = await underway(kube);
  onLeft?.(left);
  while (left.length > 0 && clock.now() < end) {
    await clock.sleep(lookEveryMs);
    const before = left.join(' ');
    left = await underway(kube);
    if (left.join(' ') !== before) onLeft?.(left);
  }
  return left;
}

/** Every Deployment with a rollout, or with a candidate that failed or that a policy holds, and every twin. */
async function underway(kube: Kube): Promise<readonly string[]> {
  const all = (await listAll(kube, resources.deployments, {})) ?? [];
  return all
    .filter((each) => isTwin(each) || isUnderway(each) || isWaiting(each) || holdsFailed(each))
    .map(nameOf);
}

/** A failed candidate that is still there; where stable is back, the state says Failed as before. */
function holdsFailed(deployment: KubeObject): boolean {
  return (
    !isIdle(deployment) && isPaused(deployment) && names.stable in (deployment.metadata.annotations ?? {})
  );
}

async function note(kube: Kube, home: string, untilMs: number): Promise<void> {
  const body = uninstallNote(untilMs);
  try {
    await kube.patch(resources.configMaps, home, 'serin', { type: 'merge', body });
  } catch (error) {
    if (!hasCode(error, 'KUBE_NOT_FOUND')) throw error;
    await kube.create(resources.configMaps, home, { ...body, metadata: { name: 'serin', namespace: home } });
  }
}

function nameOf({ metadata }: KubeObject): string {
  return `${metadata.namespace}/${metadata.name}`;
}
