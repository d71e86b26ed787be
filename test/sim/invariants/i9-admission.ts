import { decide } from '../../../src/admission/mutate.ts';
import { resources } from '../../../src/kube/objects.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { isBySerin, isCaredFor, isHeldByPolicy, isOf, keyOf } from './reading.ts';

/** Kinds that a webhook replica keeps for itself; nothing of a rollout is among them. */
const ownKinds: readonly string[] = [
  resources.secrets.plural,
  resources.mutatingWebhooks.plural,
  resources.validatingWebhooks.plural,
];

/** Admission answers the same to the same, and asks for nothing where its answer has been followed. */
export const i9: Invariant = {
  id: 'I9',
  says: 'a mutated object sent again is not mutated again, a dry run writes nothing, and the webhook writes nothing of a rollout',
  watch(world, report) {
    world.api.onWrite((write) => {
      checkEffects(world, report, write);
      if (isOf(write, resources.deployments) && write.type !== 'DELETED') checkAgain(world, report, write);
    });
    return () => {};
  },
};

function checkEffects(world: World, report: Report, { call, object, resource }: Write): void {
  const name = `${resource.kind} ${keyOf(object)}`;
  if ('dryRun' in call.query) {
    report.checked();
    report.broken(`${name} was written by a dry run of ${call.caller.username}`);
  }
  if (call.caller.username !== world.serin) return;
  const process = world.processes.find((each) => each.name === call.caller.manager);
  if (process?.kind !== 'webhook') return;
  report.checked();
  if (!ownKinds.includes(resource.plural)) report.broken(`${name} was written by webhook ${process.name}`);
}

/** The very object that was stored, asked for again: an apply that is repeated, or a reinvocation. */
function checkAgain(world: World, report: Report, write: Write): void {
  const { object, previous, call } = write;
  const { namespace = '' } = object.metadata;
  if (isBySerin(world, write) || call.subresource !== undefined || !isCaredFor(world, namespace)) return;
  // The webhook has not been asked about it: a policy held it while nobody answered.
  if (isHeldByPolicy(object)) return;
  report.checked();
  const common = { username: call.caller.username, namespace, dryRun: false, object };
  const asked =
    previous === undefined
      ? ({ ...common, operation: 'CREATE' } as const)
      : ({ ...common, operation: 'UPDATE', oldObject: previous } as const);
  const again = decide(asked, { controller: world.serin });
  const name = `Deployment ${keyOf(object)} as ${call.caller.username} had it stored`;
  if (again.kind === 'deny') report.broken(`${name} is refused when it is sent again: ${again.message}`);
  else if (again.patch.length > 0)
    report.broken(`${name} is changed again when it is sent again: ${JSON.stringify(again.patch)}`);
}
