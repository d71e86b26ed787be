// What a run leaves behind, in a form that two runs can be compared in.
import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isList, isObject, without } from '../../../src/routing/json.ts';
import { imageOf, replicaSets, replicasOf } from '../invariants/reading.ts';
import { namespace } from '../manifests.ts';
import type { SimWorld } from '../world.ts';

/** Paths with the values found there, as JSON; how many objects of each kind were created and deleted is among them. */
export type EndState = ReadonlyMap<string, string>;

const kept = [
  resources.deployments,
  resources.services,
  resources.virtualServices,
  resources.httpRoutes,
  resources.grpcRoutes,
  resources.networkPolicies,
  resources.podDisruptionBudgets,
  resources.horizontalPodAutoscalers,
];
/** Ever different, and nothing to anybody: times, versions, names that are made up, and who wrote what in which order. */
const noise = new Set([
  'uid',
  'resourceVersion',
  'generation',
  'observedGeneration',
  'terminatingReplicas',
  'creationTimestamp',
  'managedFields',
  'lastUpdateTime',
  'lastTransitionTime',
]);
const records = [names.state, names.history, 'serin.dev/split'];

/** Counts creations and deletions from now on. */
export class Counts {
  readonly #counts = new Map<string, number>();

  constructor(world: SimWorld, isTimed: boolean) {
    const counted = [...kept, ...(isTimed ? [] : [replicaSets, resources.pods])].map(({ plural }) => plural);
    world.api.onWrite(({ type, resource, object }) => {
      if (
        type === 'MODIFIED' ||
        object.metadata.namespace !== namespace ||
        !counted.includes(resource.plural)
      )
        return;
      // How many pods have ended by then is how long a run lasts after its rollout.
      if (type === 'DELETED' && resource.kind === 'Pod') return;
      const path = `${type} ${resource.kind}`;
      this.#counts.set(path, (this.#counts.get(path) ?? 0) + 1);
    });
  }

  get entries(): readonly (readonly [string, string])[] {
    return [...this.#counts].map(([path, count]) => [path, String(count)] as const);
  }
}

/** What there is now, and what came and went. */
export function endStateOf({ api }: SimWorld, counts: Counts): EndState {
  const state = new Map<string, string>(counts.entries);
  for (const resource of kept) {
    for (const object of api.list(resource, namespace))
      flatten(readable(object), `${resource.kind} ${object.metadata.name}`, state);
  }
  for (const set of api.list(replicaSets, namespace))
    state.set(`ReplicaSet of ${imageOf(set)}`, String(replicasOf(set)));
  return state;
}

/** Records inside annotations are opened, so that a time in one does not hide the rest of it. */
function readable(object: KubeObject): JsonObject {
  const annotations = Object.entries(object.metadata.annotations ?? {}).map(
    ([name, text]): readonly [string, Json] => {
      return [name, records.includes(name) ? (JSON.parse(text) as Json) : text];
    },
  );
  const metadata = { ...object.metadata, annotations: Object.fromEntries(annotations) };
  return { ...without(object, 'apiVersion'), metadata };
}

function flatten(json: Json, path: string, into: Map<string, string>): void {
  if (isList(json)) for (const [index, each] of json.entries()) flatten(each, `${path}[${index}]`, into);
  else if (isObject(json))
    for (const [key, each] of Object.entries(json)) {
      if (!noise.has(key)) flatten(each, `${path}.${key}`, into);
    }
  else into.set(path, JSON.stringify(json));
}

/** Paths that differ between two runs in which nothing went wrong: they say nothing. */
export function maskOf(one: EndState, other: EndState): ReadonlySet<string> {
  return new Set(pathsOf(one, other).filter((path) => one.get(path) !== other.get(path)));
}

/**
 * The paths in which a run ended otherwise than the reference, each with both values; of a reference that is timed, less
 * may have come and gone.
 */
export function differences(
  reference: EndState,
  swept: EndState,
  mask: ReadonlySet<string>,
  isTimed = false,
): readonly string[] {
  return pathsOf(reference, swept)
    .filter((path) => !mask.has(path) && reference.get(path) !== swept.get(path))
    .filter((path) => !(isTimed && isFewer(path, reference, swept)))
    .map(
      (path) =>
        `${path} is ${swept.get(path) ?? 'absent'}, in the reference ${reference.get(path) ?? 'absent'}`,
    );
}

function isFewer(path: string, reference: EndState, swept: EndState): boolean {
  return /^(ADDED|DELETED) /.test(path) && Number(swept.get(path) ?? 0) < Number(reference.get(path) ?? 0);
}

function pathsOf(one: EndState, other: EndState): readonly string[] {
  return [...new Set([...one.keys(), ...other.keys()])].sort();
}
