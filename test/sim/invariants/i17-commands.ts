import { readCommand } from '../../../src/config/asked-command.ts';
import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import type { Command, Verb } from '../../../src/rollout/command.ts';
import type { State } from '../../../src/rollout/types.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import {
  annotation,
  commandIn,
  isBySerin,
  isCaredFor,
  isOf,
  isTwin,
  keyOf,
  revisionIn,
  stateOf,
} from './reading.ts';

/** What a person says is done for that person, to what they saw, and once. */
export const i17: Invariant = {
  id: 'I17',
  says: 'a command bears the name of who said it and the revision they saw, goes with what came of it, and what only commands do comes of one',
  watch(world, report) {
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (!isOf(write, resources.deployments) || isTwin(object) || type === 'DELETED') return;
      if (isBySerin(world, write)) onSerins(report, write);
      else if (annotation(object, names.command) !== annotation(write.previous, names.command))
        onSaid(world, report, write);
    });
    return () => {
      for (const main of world.api.list(resources.deployments)) {
        if (commandIn(main) === undefined || !isCaredFor(world, main.metadata.namespace)) continue;
        report.broken(`${keyOf(main)}: ${annotation(main, names.command)} was heeded by nobody`);
      }
    };
  },
};

/** As the webhook left it: the actor is the authenticated user, whatever was written. */
function onSaid(world: World, report: Report, { object, call }: Write): void {
  if (annotation(object, names.command) === undefined || !isCaredFor(world, object.metadata.namespace))
    return;
  report.checked();
  const command = readCommand(object.metadata.annotations);
  const name = `${keyOf(object)}: ${annotation(object, names.command)}`;
  if (command === undefined || 'corrupt' in command)
    return report.broken(`${name} was let in, and is not stamped`);
  if (command.actor !== call.caller.username) report.broken(`${name} was said by ${call.caller.username}`);
  const state = stateOf(object);
  if (state !== undefined && command.revision !== state.revision)
    report.broken(`${name} is for another revision than the state's ${state.revision}`);
}

function onSerins(report: Report, write: Write): void {
  const { object, previous } = write;
  const [before, now] = [stateOf(previous), stateOf(object)];
  if (before === undefined || now === undefined) return;
  const stood = annotation(previous, names.command);
  const isWritten = annotation(previous, names.state) !== annotation(object, names.state);
  if (stood === undefined && annotation(object, names.command) !== undefined)
    return report.broken(`${keyOf(object)}: Serin itself said ${annotation(object, names.command)}`);
  if (isWritten && stood !== undefined) {
    report.checked();
    if (annotation(object, names.command) !== undefined)
      report.broken(
        `${keyOf(object)}: ${stood} stands there still, and the state has gone on to ${now.phase}`,
      );
  }
  checkCause(report, object, commandIn(previous), { before, now });
}

interface Step {
  readonly before: State;
  readonly now: State;
}

/** Effects that nothing but a command has. */
function checkCause(report: Report, main: KubeObject, command: Command | undefined, step: Step): void {
  const { before, now } = step;
  const wants = (verbs: readonly Verb[], what: string, actor?: string): void => {
    report.checked();
    if (command === undefined || !verbs.includes(command.do))
      return report.broken(`${keyOf(main)} ${what}, and the last command is ${command?.do ?? 'none'}`);
    if (actor !== undefined && actor !== command.actor)
      report.broken(`${keyOf(main)} ${what} in the name of ${actor}, and ${command.actor} said so`);
  };
  const [was, is] = [before, now].map((state) => ('pause' in state ? state.pause : undefined));
  if (was === undefined && is !== undefined) wants(['pause'], 'is paused', is.actor);
  // Where a trial begins anew or ends, the pause goes with it.
  const isSame = before.revision === now.revision && before.phase === now.phase;
  if (was !== undefined && is === undefined && isSame) wants(['resume', 'promote'], 'is no longer paused');
  const isRetry = before.phase === 'Failed' && now.phase === 'Pending' && before.revision === now.revision;
  if (isRetry && revisionIn(main) === now.revision) wants(['retry'], 'is tried again', now.actor);
  if (before.known !== true && now.known === true)
    wants(['promote', 'rollback'], `skips its analysis as ${now.revision}`);
  const [, who] = (
    'message' in now ? (/^aborted by ([^\s:]+)/.exec(now.message ?? '') ?? []) : []
  ) as string[];
  const isEnded = now.phase === 'RollingBack' || now.phase === 'Failed';
  const isGoing = before.phase === 'RollingBack' || before.phase === 'Failed';
  if (who !== undefined && isEnded && !isGoing) wants(['abort', 'rollback'], 'is given up');
}
