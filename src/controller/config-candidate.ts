import { withConfig } from '../config/config-seen.ts';
import { givingUp, type HoldChange, holding, inherited } from '../config/hold.ts';
import { isPaused, templateOf } from '../kube/deployment.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import { reversePatch } from '../rollout/reverse.ts';
import { isSame } from '../rollout/template.ts';
import type { Json, PatchOp } from '../rollout/types.ts';
import type { ConfigStanding } from './config-sight.ts';

/** A change of configuration that becomes part of the candidate, or (with stable's mark) goes from it. */
export interface Change {
  readonly mark: string | undefined;
  /** The note of what stable's pods read. */
  readonly seen: string;
  /** Whose change it is, where there is no other in the candidate. */
  readonly actor: string;
}

/** The one write that makes the template with the mark the candidate, or stable's again: as the webhook would have held it. */
export function candidateWith(
  main: KubeObject,
  standing: ConfigStanding,
  change: Change,
): readonly PatchOp[] {
  const template = templateOf(main);
  const candidate = withConfig(template, change.mark);
  const { annotations, paused } = heldWith(main, standing, candidate, change.actor);
  const wished = { ...main.metadata.annotations, ...annotations, [names.configSeen]: change.seen };
  const kept = Object.entries(wished).flatMap(([name, value]): [string, string][] =>
    value === undefined ? [] : [[name, value]],
  );
  return [
    { op: 'test', path: '/metadata/resourceVersion', value: main.metadata.resourceVersion },
    ...reversePatch(template, candidate).map((op) => ({ ...op, path: `/spec/template${op.path}` })),
    { op: 'add', path: '/metadata/annotations', value: Object.fromEntries(kept) },
    ...(paused === undefined ? [] : [{ op: 'add', path: '/spec/paused', value: paused } as const]),
  ];
}

function heldWith(main: KubeObject, standing: ConfigStanding, candidate: Json, actor: string): HoldChange {
  if (standing.is === 'free') {
    return holding(candidate, templateOf(main), { actor, ownPause: isPaused(main) });
  }
  const { state, stable } = standing;
  const back = 'the ConfigMaps and Secrets hold again what the stable pods read';
  if (isSame(candidate, stable)) return givingUp(state, state.actor, back);
  const isAlone = isSame(withConfig(candidate, undefined), withConfig(stable, undefined));
  return holding(candidate, stable, { actor: isAlone ? actor : state.actor, ...inherited(state) });
}
