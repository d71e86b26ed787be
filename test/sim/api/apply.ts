// Server-side apply: a manager says all it wants; what it no longer wants goes, what another manages is a conflict.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isList, isObject, objectAt, textAt } from '../../../src/routing/json.ts';
import { elementOf, fieldsOf, separator, shownPath, withoutPath } from './fields.ts';
import { isSame } from './frozen.ts';
import { apiVersionOf, traitsOf } from './kinds.ts';
import { timestamp } from './metadata.ts';
import {
  isSameManager,
  less,
  managedFields,
  type Manager,
  managerOf,
  type Managers,
  type Owners,
  pathsOf,
} from './owners.ts';
import { badRequest, conflict, failure, invalid, Refusal } from './refusal.ts';
import { isWhole, listShape } from './shapes.ts';
import type { Call } from './types.ts';

/** One apply, on whatever is there when it is carried out. */
export class Applying {
  readonly #call: Call;
  readonly #owners: Owners;
  readonly #now: number;
  readonly #isCustom: boolean;
  readonly #configuration: JsonObject;
  #managers: Managers = [];

  constructor(call: Call, owners: Owners, now: number) {
    this.#call = call;
    this.#owners = owners;
    this.#now = now;
    this.#isCustom = traitsOf(call.resource).isCustom;
    this.#configuration = isObject(call.body) ? call.body : {};
    if ((call.query['fieldManager'] ?? '') === '')
      throw invalid({ kind: 'PatchOptions', group: 'meta.k8s.io' }, '', [
        {
          field: 'fieldManager',
          reason: 'FieldValueRequired',
          message: 'Required value: is required for apply patch',
        },
      ]);
    if (objectAt(this.#configuration, 'metadata')['managedFields'] !== undefined)
      throw badRequest('metadata.managedFields must be nil');
  }

  /** What the object becomes; itself where nothing changes. */
  change(before: KubeObject): JsonObject {
    const self = this.#self();
    const managers = this.#owners.managersOf(before);
    const old = managers.find((each) => isSameManager(each, self));
    const others = this.#others(
      before,
      managers.filter((each) => each !== old),
      self,
    );
    const wished = merged(before, this.#configuration, this.#isCustom, []) as JsonObject;
    const next = this.#pruned(wished, [...(old?.paths ?? [])], self, others);
    const isKnown =
      old !== undefined && isSameSet(old.paths, self.paths) && others.length === managers.length - 1;
    this.#managers = [...others, isKnown ? old : self];
    if (isKnown && isSame(before, next)) return before;
    return withManagedFields(next, this.#managers);
  }

  /** The managers of an object that this apply makes; refused where it names one that was there. */
  first(): Json {
    const uid = textAt(objectAt(this.#configuration, 'metadata'), 'uid');
    const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
    if (uid !== undefined) throw conflict(this.#call.resource, this.#call.name ?? '', why);
    this.#managers = [this.#self()];
    return managedFields(this.#managers);
  }

  done(stored: KubeObject): void {
    this.#owners.settled(stored, this.#managers);
  }

  #self(): Manager {
    return {
      name: managerOf(this.#call),
      operation: 'Apply',
      apiVersion: apiVersionOf(this.#call.resource),
      subresource: this.#call.subresource ?? '',
      time: timestamp(this.#now),
      paths: pathsOf(this.#configuration, this.#isCustom),
    };
  }

  /** The other managers with what they keep; refused where they would lose something and the caller does not force it. */
  #others(before: KubeObject, others: Managers, self: Manager): Managers {
    const live = fieldsOf(before, this.#isCustom);
    const wanted = fieldsOf(this.#configuration, this.#isCustom);
    const differing = new Set(
      [...wanted]
        .filter(([path, value]) => live.has(path) && !isSame(live.get(path), value))
        .map(([path]) => path),
    );
    const byName = [...others].sort((a, b) => (a.name < b.name ? -1 : 1));
    const conflicts = byName.flatMap((manager) =>
      [...self.paths]
        .sort()
        .filter((path) => differing.has(path) && manager.paths.has(path))
        .map((path) => ({ manager, path })),
    );
    if (conflicts.length > 0 && this.#call.query['force'] !== 'true') throw inConflict(conflicts);
    return others.map((each) => less(each, differing)).filter(({ paths }) => paths.size > 0);
  }

  /** Without what was wanted before, is not any more, and is nobody else's. */
  #pruned(object: JsonObject, old: readonly string[], self: Manager, others: Managers): JsonObject {
    const isKept = (path: string): boolean =>
      [self, ...others].some(({ paths }) => paths.has(path) || hasBelow(paths, path));
    // Items before what is in them.
    const gone = old.filter((path) => !isKept(path)).sort();
    return gone.reduce((each, path) => withoutPath(each, path), object);
  }
}

function hasBelow(paths: ReadonlySet<string>, path: string): boolean {
  const start = path + separator;
  for (const each of paths) if (each.startsWith(start)) return true;
  return false;
}

function isSameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((each) => b.has(each));
}

function withManagedFields(object: JsonObject, managers: Managers): JsonObject {
  return { ...object, metadata: { ...objectAt(object, 'metadata'), managedFields: managedFields(managers) } };
}

/** What is there with a configuration laid over it: maps and lists that have keys by key, all else as one value. */
function merged(live: Json | undefined, wanted: Json, isCustom: boolean, names: readonly string[]): Json {
  if (isObject(wanted) && isObject(live) && !isWhole(names)) {
    const result: Record<string, Json> = { ...live };
    for (const [key, value] of Object.entries(wanted))
      result[key] = merged(live[key], value, isCustom, [...names, key]);
    return result;
  }
  const shape = isList(wanted) ? listShape(names, isCustom) : undefined;
  if (!isList(wanted) || !isList(live) || shape === undefined) return wanted;
  const items = new Map(live.map((item) => [elementOf(item, shape), item]));
  for (const item of wanted) {
    const element = elementOf(item, shape);
    items.set(element, merged(items.get(element), item, isCustom, names));
  }
  return [...items.values()];
}

interface Conflict {
  readonly manager: Manager;
  readonly path: string;
}

function inConflict(conflicts: readonly Conflict[]): Refusal {
  const causes = conflicts.map(({ manager, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${shownManager(manager)}`,
    field: shownPath(path),
  }));
  return new Refusal(failure(409, 'Conflict', messageOf(conflicts), { causes }));
}

function messageOf(conflicts: readonly Conflict[]): string {
  const [first, second] = conflicts;
  if (first !== undefined && second === undefined)
    return `Apply failed with 1 conflict: conflict with ${shownManager(first.manager)}: ${shownPath(first.path)}`;
  const byManager = Map.groupBy(conflicts, ({ manager }) => shownManager(manager));
  const said = [...byManager]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([manager, of]) => [
      `conflicts with ${manager}:`,
      ...of.map(({ path }) => `- ${shownPath(path)}`),
    ]);
  return `Apply failed with ${conflicts.length} conflicts: ${said.join('\n')}`;
}

function shownManager({ name, subresource, operation, apiVersion }: Manager): string {
  const through = subresource === '' ? '' : ` with subresource "${subresource}"`;
  return `"${name}"${through}${operation === 'Update' ? ` using ${apiVersion}` : ''}`;
}
