import { type Owner, ownedMetadata } from '../routing/generated.ts';
import { numberAt, objectAt } from '../routing/json.ts';
import { keysOf, labelSelector } from '../routing/selectors.ts';
import type { JsonObject } from './types.ts';

/** Whose twin: the parts of the main Deployment it is made from. */
export interface TwinOf {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  /** `.spec` of the held Deployment; its template is the candidate. */
  readonly spec: JsonObject;
}

export interface TwinWish {
  readonly name: string;
  readonly replicas: number;
  readonly revision: string;
  /** How long a pod must have been ready before it counts as available: as long as proxies may take to know it. */
  readonly settleMs: number;
  /** The candidate's pod labels with those values changed that would let main or a Service select a twin pod. */
  readonly labels: { readonly [key: string]: string };
}

/** Settings of a Deployment that decide how its pods come up; the rest of main's spec is main's own. */
const copied = ['strategy', 'progressDeadlineSeconds'] as const;

/**
 * The Deployment that runs the candidate beside stable, to be applied with our field manager. Its own metadata carries
 * none of main's labels: tools that track objects by label (Argo CD, Helm) would take it for theirs and prune it.
 */
export function twinDeployment(main: TwinOf, wish: TwinWish): JsonObject {
  const template = objectAt(main.spec, 'template');
  const metadata = objectAt(template, 'metadata');
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...ownedMetadata(wish.name, main.namespace, ownerOf(main), {}),
      annotations: { 'serin.dev/twin-of': main.uid, 'serin.dev/revision': wish.revision },
    },
    spec: {
      ...Object.fromEntries(
        copied.flatMap((key) => (main.spec[key] === undefined ? [] : [[key, main.spec[key]]])),
      ),
      minReadySeconds: minReadySeconds(main, wish),
      replicas: wish.replicas,
      revisionHistoryLimit: 0,
      selector: { matchLabels: twinSelector(main, wish) },
      template: { ...template, metadata: { ...metadata, labels: wish.labels } },
    },
  };
}

/** The owner of all that is made for a rollout: the garbage collector takes it when the Deployment goes. */
export function ownerOf({ name, uid }: { readonly name: string; readonly uid: string }): Owner {
  return { apiVersion: 'apps/v1', kind: 'Deployment', name, uid };
}

/**
 * Kubernetes itself keeps the time, across all restarts of ours: what is available here may be given weight. It counts from
 * when a pod became ready, which it tells in whole seconds, cut: it may take a pod that is ready for less by one of them.
 */
function minReadySeconds({ spec }: TwinOf, { settleMs }: TwinWish): number {
  return Math.max(
    numberAt(spec, 'minReadySeconds') ?? 0,
    settleMs === 0 ? 0 : Math.ceil(settleMs / 1000) + 1,
  );
}

/** The keys main selects by, with the twin's values; main's own pods differ in at least one of them. */
function twinSelector(main: TwinOf, wish: TwinWish): JsonObject {
  const keys = [...keysOf(labelSelector(objectAt(main.spec, 'selector')))];
  return Object.fromEntries(
    keys.flatMap((key) => (wish.labels[key] === undefined ? [] : [[key, wish.labels[key]]])),
  );
}
