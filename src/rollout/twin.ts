import type { Json, JsonObject } from './types.ts';

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
  /** The candidate's pod labels with those values changed that would let main or a Service select a twin pod. */
  readonly labels: { readonly [key: string]: string };
}

/** Settings of a Deployment that decide how its pods come up; the rest of main's spec is main's own. */
const copied = ['minReadySeconds', 'strategy', 'progressDeadlineSeconds'] as const;

/**
 * The Deployment that runs the candidate beside stable, to be applied with our field manager. Its own metadata carries
 * none of main's labels: tools that track objects by label (Argo CD, Helm) would take it for theirs and prune it.
 */
export function twinDeployment(main: TwinOf, wish: TwinWish): JsonObject {
  const template = object(main.spec['template']);
  const metadata = object(template['metadata']);
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      name: wish.name,
      namespace: main.namespace,
      labels: { 'app.kubernetes.io/managed-by': 'serin' },
      annotations: { 'serin.dev/twin-of': main.uid, 'serin.dev/revision': wish.revision },
      ownerReferences: [ownedBy(main)],
    },
    spec: {
      ...Object.fromEntries(
        copied.flatMap((key) => (main.spec[key] === undefined ? [] : [[key, main.spec[key]]])),
      ),
      replicas: wish.replicas,
      revisionHistoryLimit: 0,
      selector: { matchLabels: twinSelector(main, wish) },
      template: { ...template, metadata: { ...metadata, labels: wish.labels } },
    },
  };
}

/** So that the garbage collector takes what is ours when the Deployment goes. */
export function ownedBy(main: { readonly name: string; readonly uid: string }): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    name: main.name,
    uid: main.uid,
    controller: true,
    blockOwnerDeletion: false,
  };
}

/** The keys main selects by, with the twin's values; main's own pods differ in at least one of them. */
function twinSelector(main: TwinOf, wish: TwinWish): JsonObject {
  const selector = object(main.spec['selector']);
  const expressions = Array.isArray(selector['matchExpressions']) ? selector['matchExpressions'] : [];
  const keys = [
    ...Object.keys(object(selector['matchLabels'])),
    ...expressions.map((each: Json) => object(each)['key']).filter((key) => typeof key === 'string'),
  ];
  return Object.fromEntries(
    keys.flatMap((key) => (wish.labels[key] === undefined ? [] : [[key, wish.labels[key]]])),
  );
}

function object(value: Json | undefined): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}
