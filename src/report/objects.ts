// What a report is made of: raw objects as the API server sent them, and what is told from several of them.
import { readLedger } from '../config/state.ts';
import { isMadeFor, templateOf } from '../kube/deployment.ts';
import type { KubeObject } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import type { Routed } from '../kube/routers.ts';
import { stableOf } from '../config/stable.ts';
import { templateOfSet } from '../rollout/template.ts';
import type { Json, Ledger, RolloutSpec, State } from '../rollout/types.ts';

/** Everything around one Deployment that could be read. */
export interface Objects {
  readonly main: KubeObject;
  readonly twin?: KubeObject;
  /** Of main and of the twin; none where only an overview is wanted. */
  readonly sets: readonly KubeObject[];
  readonly pods: readonly KubeObject[];
  /** Those of the namespace. */
  readonly services: readonly KubeObject[];
  readonly routes: readonly (Routed & { readonly object: KubeObject })[];
  /** About main. */
  readonly events: readonly KubeObject[];
  /** ConfigMap `serin` of the namespace. */
  readonly defaults?: KubeObject;
  /** The namespace; absent where it may not be read. */
  readonly space?: KubeObject;
  /** What may not be read. */
  readonly unread: readonly string[];
}

/** A rollout as its parts are reported: what is there, what it is in, and what it goes by. */
export interface Scene {
  readonly objects: Objects;
  readonly state: State;
  /** Absent where the plan cannot be followed. */
  readonly spec?: RolloutSpec;
  readonly ledger?: Ledger;
}

/** The evidence of this very trial. */
export function ledgerOf({ main, twin }: Objects, state: State): Ledger | undefined {
  // Earlier versions kept it on the twin.
  const read = readLedger(main.metadata.annotations) ?? readLedger(twin?.metadata.annotations);
  if (read === undefined || 'corrupt' in read || read.revision !== state.revision) return undefined;
  const startedAt = 'startedAt' in state ? state.startedAt : undefined;
  return startedAt === undefined || startedAt === read.startedAt ? read : undefined;
}

/** Which revision serves people, and which is tried; a failed one is shown as long as the template has it. */
export function revisionsOf(
  main: KubeObject,
  state: State | undefined,
): { readonly stable: string; readonly candidate?: string } {
  const asked = revisionOf(templateOf(main));
  if (state === undefined) return { stable: asked };
  const { phase, revision, stableRevision } = state;
  if (phase === 'Succeeded') return { stable: revision };
  if (phase === 'Aborted' || (phase === 'Failed' && asked !== revision)) return { stable: stableRevision };
  return { stable: stableRevision, candidate: revision };
}

/** The pod template of a revision: from the Deployment, or from a ReplicaSet of it; undefined where neither has it. */
export function templateFor(
  { main, sets }: Objects,
  state: State | undefined,
  revision: string,
): Json | undefined {
  const template = templateOf(main);
  if (revisionOf(template) === revision) return template;
  const stable = state && stableOf(main.metadata.annotations, template, state);
  if (stable !== undefined && revisionOf(stable) === revision) return stable;
  return sets
    .filter((set) => isMadeFor(set, main))
    .map(templateOfSet)
    .find((each) => revisionOf(each) === revision);
}

export type Arm = 'stable' | 'canary';

/** Whose pods a ReplicaSet has; undefined where they are of neither. */
export function armOf({ main, twin }: Objects, state: State | undefined, set: KubeObject): Arm | undefined {
  if (twin !== undefined && isMadeFor(set, twin)) return 'canary';
  const { stable, candidate } = revisionsOf(main, state);
  const revision = revisionOf(templateOfSet(set));
  if (revision === stable) return 'stable';
  return revision === candidate ? 'canary' : undefined;
}
