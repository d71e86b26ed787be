import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { isList, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Call, Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import {
  annotation,
  isBySerin,
  isMade,
  isOf,
  isOfRoute,
  isTwin,
  keyOf,
  ownerUid,
  replicasOf,
} from './reading.ts';
import { notesOf } from './routes.ts';

const webhookKinds: readonly string[] = [
  resources.mutatingWebhooks.plural,
  resources.validatingWebhooks.plural,
];

/**
 * Writes that name the object's uid, or a place in it, and not its version, each with why. Whatever else comes without
 * a precondition is a mistake.
 */
const exceptions: readonly {
  readonly name: string;
  readonly why: string;
  readonly fits: (call: Call) => boolean;
}[] = [
  {
    name: 'replicas of main',
    why: 'main changes all the time while it is rolled; the uid keeps it off another Deployment of the name',
    fits: (call) => isMergeOf(call, resources.deployments, 'scale'),
  },
  {
    name: 'the state of a trial, and what its condition says',
    why: 'the generation of a Deployment counts its spec and annotations: nothing else of main is read for it',
    fits: ({ resource, body }) => {
      const [uid, generation] = testsOf(body);
      if (resource.plural !== resources.deployments.plural) return false;
      return uid === '/metadata/uid' && generation === '/metadata/generation';
    },
  },
  {
    name: 'trust',
    why: 'the caBundle of one webhook, tested by its name: other webhooks of the configuration may change meanwhile',
    fits: ({ resource, body }) =>
      webhookKinds.includes(resource.plural) &&
      testsOf(body).some((path) => /^\/webhooks\/\d+\/name$/.test(path)),
  },
];

/** Nothing of Serin is written over what it has not read, nor over what a newer leader has done. */
export const i11: Invariant = {
  id: 'I11',
  says: "each write of Serin names what it replaces (version, uid, test, its own object by server-side apply, or a creation), and none of a deposed leader overrules a newer one's",
  watch(world, report) {
    const leaders = new Leaders(world);
    world.api.onCall((call) => {
      if (call.caller.username !== world.serin || !isWrite(call)) return;
      report.checked();
      if (!isGuarded(call) && !exceptions.some(({ fits }) => fits(call)))
        report.broken(`${describe(call)} has no precondition: ${JSON.stringify(call.body)}`);
    });
    world.api.onWrite((write) => {
      if (!isBySerin(world, write)) return;
      checkOwn(report, write);
      leaders.check(report, write);
    });
    return () => {};
  },
};

function isWrite({ verb }: Call): boolean {
  return verb === 'create' || verb === 'update' || verb === 'patch' || verb === 'delete';
}

function isGuarded(call: Call): boolean {
  const { verb, patchType, body } = call;
  if (verb === 'create') return true;
  if (verb === 'delete') return textAt(objectAt(body, 'preconditions'), 'uid') !== undefined;
  // checkOwn sees to it that what is applied over is Serin's own.
  if (patchType === 'apply') return true;
  if (patchType === 'json') return testsOf(body)[0] === '/metadata/resourceVersion';
  return textAt(objectAt(body, 'metadata'), 'resourceVersion') !== undefined;
}

function testsOf(body: Json | undefined): readonly string[] {
  const ops = isList(body) ? body : [];
  return ops.flatMap((op) => (textAt(op, 'op') === 'test' ? [textAt(op, 'path') ?? ''] : []));
}

function isMergeOf(
  call: Call,
  { plural }: { readonly plural: string },
  subresource: string | undefined,
): boolean {
  if (call.patchType !== 'merge' || call.resource.plural !== plural || call.subresource !== subresource)
    return false;
  return textAt(objectAt(call.body, 'metadata'), 'uid') !== undefined;
}

/** What is applied over, or deleted, belongs to the Deployment that it is done for. */
function checkOwn(report: Report, { call, object, previous, type }: Write): void {
  const isForced = call.patchType === 'apply' && previous !== undefined;
  if (!isForced && type !== 'DELETED') return;
  report.checked();
  const was = ownerUid(previous ?? object);
  const now = type === 'DELETED' ? was : ownerUid(object);
  // A twin that lost its owner (`delete --cascade=orphan`) is Serin's to take away all the same.
  const isOrphan = type === 'DELETED' && was === undefined && isMade(object);
  if (!isOrphan && (was === undefined || was !== now))
    report.broken(`${describe(call)}: it is owned by ${was ?? 'nobody of ours'} and not by ${now ?? 'us'}`);
}

/** Who leads by the Lease, and who wrote what while leading. */
class Leaders {
  readonly #world: World;
  /** Of each object, the leader that last wrote it; of each route also at what weights. */
  readonly #writers = new Map<string, string>();
  #leader = '';

  constructor(world: World) {
    this.#world = world;
    world.api.onWrite((write) => {
      if (!isOf(write, resources.leases) || write.object.metadata.name !== 'serin') return;
      this.#leader = textAt(write.object['spec'], 'holderIdentity') ?? '';
    });
  }

  check(report: Report, write: Write): void {
    const { call, object, resource } = write;
    const writer = call.caller.manager;
    const isControllers = this.#world.processes.some(
      (each) => each.name === writer && each.kind === 'controller',
    );
    if (!isControllers || resource.plural === resources.leases.plural) return;
    const key = `${resource.plural} ${keyOf(object)} ${object.metadata.uid}`;
    if (this.#leader === writer || this.#leader === '') {
      this.#writers.set(key, writer);
      return;
    }
    report.checked();
    if (this.#writers.get(key) === this.#leader && isOverruling(write))
      report.broken(
        `${describe(call)} by ${writer}, which no longer leads, overrules what ${this.#leader} had written`,
      );
  }
}

/** A state is written by its version, so it follows from the newest; what else changes may follow from an old one. */
function isOverruling({ object, previous, resource, type }: Write): boolean {
  if (type !== 'MODIFIED' || previous === undefined) return type === 'DELETED';
  if (isOfRoute({ resource })) return weights(object) !== weights(previous);
  if (resource.plural !== resources.deployments.plural) return false;
  if (replicasOf(object) !== replicasOf(previous)) return true;
  // The evidence is written with the version that it follows from, as the state is.
  return isTwin(object) && annotation(object, names.revision) !== annotation(previous, names.revision);
}

function weights(virtualService: KubeObject): string {
  return JSON.stringify(notesOf(virtualService).map(({ service, weight }) => [service, weight]));
}

function describe({ verb, patchType, resource, namespace, name, subresource }: Call): string {
  const what = [verb, patchType].filter((each) => each !== undefined).join(' ');
  return `${what} of ${resource.plural}${subresource === undefined ? '' : `/${subresource}`} ${namespace ?? ''}/${name ?? ''}`;
}
