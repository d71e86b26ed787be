// `serin promote`: the version is written where the environment is described, merged, applied by whoever applies it, tried
// by Serin; the exit code is its verdict.
import { resources } from '../kube/objects.ts';
import { type Args, type Cluster, exit, type ExitCode, type Io } from '../plugin/verb.ts';
import { hasCode, messageOf } from '../errors.ts';
import { span } from '../plugin/lines.ts';
import { type Asked, readAsked } from './asked.ts';
import { makeChange, type Sourced } from './change.ts';
import { type Deadline, deadlineIn } from './deadline.ts';
import { setImage } from './deployed.ts';
import { Stop } from './stop.ts';
import { Telling } from './telling.ts';
import { synced, type Verdict, verdictOf } from './verdict.ts';

/** Promotes; every step is told, and the exit code says how it came out. */
export async function promote(io: Io, args: Args): Promise<ExitCode> {
  const asked = await readAsked(io, args, () => io.cluster(args));
  if ('mistakes' in asked) {
    io.err(
      `${[...asked.mistakes.map((each) => span(each).text), 'serin promote --help says more'].join('\n')}\n`,
    );
    return exit.usage;
  }
  const telling = new Telling(io, asked, args.text('output') === 'json');
  try {
    return await run(asked, args, telling);
  } catch (error) {
    telling.note({ outcome: isOpen(error) ? 'unknown' : 'failed', message: messageOf(error) });
    if (!(error instanceof Stop)) throw error;
    io.err(`${span(error.message).text}\n`);
    return error.code;
  } finally {
    telling.end();
  }
}

/** True where it may yet come out either way: the exit code is 2. */
function isOpen(error: unknown): boolean {
  if (error instanceof Stop) return error.code === exit.undecided;
  return hasCode(error, 'KUBE_UNREACHABLE') || hasCode(error, 'KUBE_BUSY');
}

async function run(asked: Asked, args: Args, telling: Telling): Promise<ExitCode> {
  const { io } = telling;
  const deadline = deadlineIn(io.clock, asked.timeoutMs, io.signal);
  const cluster = isOfSource(asked) && !asked.waits ? undefined : await opened(asked, args, io);
  const from = await changed(asked, cluster, deadline, telling);
  telling.note({ from });
  if (cluster === undefined || !asked.waits) {
    telling.note({ outcome: 'asked', message: 'nobody waits for it' });
    return exit.done;
  }
  const where = { cluster, deployment: asked.deployment, version: asked.version };
  const main = await synced(where, deadline, telling);
  const { is, why } = await verdictOf(where, main, deadline, telling);
  telling.step('verdict', `${is}: ${why}`);
  telling.note({ outcome: is, message: why });
  if (is === 'failed' && asked.rollbackOnFailure === true) await rollBack(asked, from, cluster, telling);
  return codes[is];
}

/** The cluster, once it has answered: nothing is promoted that nobody could follow. */
async function opened(asked: Asked, args: Args, io: Io): Promise<Cluster> {
  const cluster = await io.cluster(within(args, asked));
  await cluster.kube.get(resources.deployments, cluster.namespace, asked.deployment);
  return cluster;
}

const codes: Readonly<Record<Verdict['is'], ExitCode>> = { promoted: exit.done, failed: exit.failed };

/** The cluster that flags name, or the settings. */
function within(args: Args, { namespace, context }: Asked): Args {
  const usual: Readonly<Record<string, string | undefined>> = { namespace, context };
  return { ...args, text: (flag) => args.text(flag) ?? usual[flag] };
}

/** Brings the change about; answers the version that was there before. */
async function changed(
  asked: Asked,
  cluster: Cluster | undefined,
  deadline: Deadline,
  telling: Telling,
): Promise<string> {
  const { app, version, environment } = asked;
  if (isOfSource(asked)) {
    const branch = `promote-${app}-${environment}-${version}`.replaceAll('+', '_');
    const title = `chore: promote ${app} to ${version} in ${environment}`;
    const body = `Application: ${app}\nVersion: ${version}\nEnvironment: ${environment}`;
    return (await makeChange(asked, { version, branch, title, body }, deadline, telling)).from;
  }
  if (cluster === undefined) throw new Stop('there is no cluster to change');
  const from = await setImage(cluster, asked, version);
  const where = `Deployment ${cluster.namespace}/${asked.deployment}`;
  if (from === version) telling.step('change', `${where} has ${version} already`);
  else
    telling.step(
      'change',
      `${where}: the tag of its image was ${from === '' ? 'not set' : from} and is ${version}`,
    );
  return from;
}

function isOfSource(asked: Asked): asked is Sourced {
  return asked.source !== undefined;
}

/** Time of its own: the promotion may have used up all of it. */
const rollbackMs = 600_000;

/** Asks for the earlier version, the way the failed one was asked for. What goes wrong with it is told, and no more. */
async function rollBack(asked: Asked, from: string, cluster: Cluster, telling: Telling): Promise<void> {
  const { app, version, environment } = asked;
  if (from === version || from === '') {
    telling.step('rollback', `what ran before ${version} is not known here: nothing is changed`);
    return;
  }
  try {
    if (!isOfSource(asked)) {
      await setImage(cluster, asked, from);
      telling.step('rollback', `Deployment ${cluster.namespace}/${asked.deployment} is set to ${from} again`);
      telling.note({ reverted: from });
      return;
    }
    const branch = `revert-${app}-${environment}-${version}`.replaceAll('+', '_');
    const title = `revert: ${app} to ${from} in ${environment}, since ${version} failed`;
    const body = `Application: ${app}\nVersion: ${from}\nEnvironment: ${environment}`;
    const deadline = deadlineIn(telling.io.clock, rollbackMs, telling.io.signal);
    // Who merges by hand is not waited for: the verdict is there.
    const how = { ...asked, waits: asked.autoMerge === true };
    const change = { version: from, onlyFrom: version, branch, title, body };
    const { by } = await makeChange(how, change, deadline, telling.aside());
    if (by !== undefined) telling.note({ reverted: by });
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    telling.io.err(`the rollback could not be asked for: ${span(error.message).text}\n`);
  }
}
