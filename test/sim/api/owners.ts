// Who manages which field of an object, for server-side apply. kube-apiserver works it out at every write; here writes
// are only noted, and worked out when somebody applies: `managedFields` is as of the last apply.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { changesBetween, fieldsOf, fieldsV1 } from './fields.ts';
import { apiVersionOf, traitsOf } from './kinds.ts';
import { timestamp } from './metadata.ts';
import type { Call, Write } from './types.ts';

/** One manager of an object and what it manages. */
export interface Manager {
  readonly name: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly subresource: string;
  readonly time: string;
  readonly paths: ReadonlySet<string>;
}

export type Managers = readonly Manager[];

interface Note {
  readonly call: Call;
  readonly at: number;
  readonly before: JsonObject;
  readonly after: JsonObject;
}

interface Ledger {
  managers: Managers;
  notes: Note[];
}

/** More notes than these are worked out, so that what they hold can go. */
const mostNotes = 100;

export class Owners {
  /** By the uid of the object. */
  readonly #ledgers = new Map<string, Ledger>();

  /** Takes note of a write that was not an apply: `asked` is what the caller asked for, before admission. */
  wrote(call: Call, at: number, before: JsonObject, asked: JsonObject, stored: KubeObject): void {
    const { uid } = stored.metadata;
    const ledger = this.#ledgers.get(uid) ?? { managers: [], notes: [] };
    this.#ledgers.set(uid, ledger);
    ledger.notes.push({ call, at, before, after: asked });
    if (ledger.notes.length > mostNotes) this.managersOf(stored);
  }

  /** What an apply made of it. */
  settled(object: KubeObject, managers: Managers): void {
    this.#ledgers.set(object.metadata.uid, { managers, notes: [] });
  }

  /** Forgets objects that went. */
  follow({ type, object }: Write): void {
    if (type === 'DELETED') this.#ledgers.delete(object.metadata.uid);
  }

  managersOf({ metadata: { uid } }: KubeObject): Managers {
    const ledger = this.#ledgers.get(uid);
    if (ledger === undefined) return [];
    for (const note of ledger.notes) ledger.managers = afterUpdate(ledger.managers, note);
    ledger.notes = [];
    return ledger.managers;
  }
}

/** Whoever changes a field takes it from all others. */
function afterUpdate(managers: Managers, { call, at, before, after }: Note): Managers {
  const { isCustom, hasStatus } = traitsOf(call.resource);
  const subresource = call.subresource ?? '';
  const isStatus = (path: string): boolean => path.startsWith('f:status');
  // What this way of writing cannot change is no change.
  const counts = (path: string): boolean => !hasStatus || isStatus(path) === (subresource === 'status');
  const { set, gone } = changesBetween(before, after, isCustom);
  const changed = new Set(set.filter(counts));
  if (changed.size === 0 && !gone.some(counts)) return managers;
  const lost = new Set([...changed, ...gone.filter(counts)]);
  const others = managers.map((each) => less(each, lost)).filter(({ paths }) => paths.size > 0);
  const self: Manager = {
    name: managerOf(call),
    operation: 'Update',
    apiVersion: apiVersionOf(call.resource),
    subresource,
    time: timestamp(at),
    paths: changed,
  };
  return joined(others, self);
}

function joined(managers: Managers, self: Manager): Managers {
  if (self.paths.size === 0) return managers;
  const at = managers.findIndex((each) => isSameManager(each, self));
  const there = managers[at];
  if (there === undefined) return [...managers, self];
  return managers.with(at, { ...self, paths: new Set([...there.paths, ...self.paths]) });
}

export function isSameManager(a: Manager, b: Manager): boolean {
  return a.name === b.name && a.operation === b.operation && a.subresource === b.subresource;
}

/** The manager without what others took. */
export function less(manager: Manager, lost: ReadonlySet<string>): Manager {
  const paths = [...manager.paths].filter((path) => !lost.has(path));
  return paths.length === manager.paths.size ? manager : { ...manager, paths: new Set(paths) };
}

/** The field manager that a call names, else what its user agent begins with. */
export function managerOf({ query, caller }: Call): string {
  return query['fieldManager'] ?? caller.manager;
}

/** All managers as metadata shows them. */
export function managedFields(managers: Managers): Json {
  const inOrder = [...managers].sort((a, b) => orderOf(a) - orderOf(b));
  return inOrder.map(({ name, operation, apiVersion, subresource, time, paths }) => ({
    ...{ manager: name, operation, apiVersion, time, fieldsType: 'FieldsV1', fieldsV1: fieldsV1(paths) },
    ...(subresource === '' ? {} : { subresource }),
  }));
}

/** Those who apply come first. */
function orderOf({ operation }: Manager): number {
  return operation === 'Apply' ? 0 : 1;
}

/** The paths of a whole configuration. */
export function pathsOf(configuration: JsonObject, isCustom: boolean): ReadonlySet<string> {
  return new Set(fieldsOf(configuration, isCustom).keys());
}
