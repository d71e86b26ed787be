import { find, nameOf } from './find.ts';
import { lookOf, show, showData } from './output.ts';
import { historyLines } from './render-past.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Shows the rollouts of a Deployment that have ended. */
export async function history(io: Io, args: Args): Promise<ExitCode> {
  const cluster = await io.cluster(args);
  const found = await find(cluster, nameOf(args) ?? '');
  if (typeof found === 'string') {
    io.err(`${found}\n`);
    return exit.failed;
  }
  const { namespace, name } = found;
  if (await showData(io, args, { namespace, name, items: found.history })) return exit.done;
  const { width, now } = lookOf(io, args, cluster.clock.now());
  if (found.history.length === 0) io.err(`no rollout of ${namespace}/${name} has ended yet\n`);
  else show(io, historyLines(found.history, width, now));
  return exit.done;
}
