// A run that is written down as far as a sweep needs it.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { invariants } from '../invariants/index.ts';
import type { Call, Fault, Write } from '../api/types.ts';
import { run, type Violation } from '../run.ts';
import type { SerinProcess } from '../types.ts';
import type { SimWorld } from '../world.ts';
import { Counts, differences, type EndState, endStateOf, maskOf } from './end-state.ts';
import { referencesOf, type Reference } from './references.ts';

export interface Recorded {
  readonly end: EndState;
  readonly violation: Violation | undefined;
}

export interface Interference {
  /** Asked about each call of a controller. */
  readonly intercept?: (call: Call, process: SerinProcess) => Fault | undefined;
  readonly onOpen?: (world: SimWorld) => void;
}

/** Plays the history of a reference with something in its way. */
export async function record(
  { history, isTimed }: Reference,
  { intercept, onOpen }: Interference = {},
): Promise<Recorded> {
  const parts: { world?: SimWorld; counts?: Counts } = {};
  const { violation } = await run(history, invariants, {
    onOpen: (world) => {
      parts.world = world;
      parts.counts = new Counts(world, isTimed);
      onOpen?.(world);
    },
    ...(intercept === undefined ? {} : { intercept: (process, call) => intercept(call, process) }),
  });
  const { world, counts } = parts;
  if (world === undefined || counts === undefined) throw new Error('there was no world');
  return { end: endStateOf(world, counts), violation };
}

/** True for the calls that a sweep goes through: what a controller writes of rollouts. */
export function isSwept({ verb, resource }: Call, { kind }: SerinProcess): boolean {
  if (kind !== 'controller' || resource.kind === 'Lease') return false;
  return verb === 'create' || verb === 'patch' || verb === 'update' || verb === 'delete';
}

/** A reference that was played, with what is known of it. */
export interface Known {
  readonly reference: Reference;
  readonly end: EndState;
  readonly mask: ReadonlySet<string>;
  /** The swept calls in order, in words. */
  readonly writes: readonly { readonly call: Call; readonly says: string }[];
  /** The versions of each watched key, in order. */
  readonly versions: ReadonlyMap<string, readonly Write[]>;
}

const seeds = [11, 12, 13] as const;

/** Plays every reference with several seeds: what differs between them is chance. Throws where one is not right itself. */
export async function playReferences(): Promise<readonly Known[]> {
  const [first, ...others] = seeds.map((seed) => referencesOf(seed));
  const known: Known[] = [];
  for (const [index, reference] of (first ?? []).entries()) {
    const twins = others.flatMap((each) => each[index] ?? []);
    known.push(await playReference(reference, twins));
  }
  return known;
}

/** Plays one reference. Throws where it is not right itself. */
export function playReferenceCalled(name: string): Promise<Known> {
  const [reference, ...others] = seeds.flatMap((seed) =>
    referencesOf(seed).filter((each) => each.name === name),
  );
  if (reference === undefined) throw new Error(`there is no reference "${name}"`);
  return playReference(reference, others);
}

async function playReference(reference: Reference, others: readonly Reference[]): Promise<Known> {
  const writes: Known['writes'][number][] = [];
  const versions = new Map<string, Write[]>();
  const { end, violation } = await record(reference, {
    intercept: (call, process) => {
      if (isSwept(call, process)) writes.push({ call, says: saidOf(call) });
      return undefined;
    },
    onOpen: (world) => world.api.onWrite((write) => keep(versions, write)),
  });
  fail(reference, violation);
  const mask = new Set<string>();
  for (const other of others) {
    const recorded = await record(other);
    fail(other, recorded.violation);
    for (const path of maskOf(end, recorded.end)) mask.add(path);
  }
  return { reference, end, mask, writes, versions };
}

function fail({ name, history }: Reference, violation: Violation | undefined): void {
  if (violation === undefined) return;
  throw new Error(
    `reference "${name}" with seed ${history.seed} breaks ${violation.id} at ${violation.at}: ${violation.what}`,
  );
}

const watched = new Set(['Deployment', 'VirtualService', 'HTTPRoute', 'GRPCRoute']);

function keep(versions: Map<string, Write[]>, write: Write): void {
  const key = keyOf(write.resource.kind, write.object);
  if (key === undefined) return;
  versions.set(key, [...(versions.get(key) ?? []), write]);
}

/** A watched object as it is called in plans; undefined for one that no controller of Serin watches. */
export function keyOf(kind: string, { metadata }: KubeObject): string | undefined {
  return watched.has(kind) && metadata.namespace === 'shop' ? `${kind} ${metadata.name}` : undefined;
}

function saidOf({ verb, patchType, resource, name, subresource, body }: Call): string {
  const to = subresource === undefined ? '' : `/${subresource}`;
  const phase = /"phase\\?":\\?"([A-Za-z.]+)/.exec(JSON.stringify(body ?? {}))?.[1];
  return [verb, patchType, `${resource.kind}${to}`, name, phase]
    .filter((each) => each !== undefined)
    .join(' ');
}

/** What is wrong with how an interfered run ended; undefined where it is as the reference. */
export function verdictOn({ reference, end, mask }: Known, recorded: Recorded): string | undefined {
  if (recorded.violation !== undefined)
    return `${recorded.violation.id} at ${recorded.violation.at}: ${recorded.violation.what}`;
  const found = differences(end, recorded.end, mask, reference.isTimed);
  return found.length === 0 ? undefined : `ends otherwise: ${found.slice(0, 5).join('; ')}`;
}
