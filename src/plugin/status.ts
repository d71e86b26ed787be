import type { Report } from '../report/report.ts';
import { find, nameOf, only } from './find.ts';
import { lookOf, listData, show, showData } from './output.ts';
import { listLines } from './render-list.ts';
import { statusLines } from './render-status.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Shows one rollout; without a name the only one of the namespace, or the list of them. */
export async function status(io: Io, args: Args): Promise<ExitCode> {
  const cluster = await io.cluster(args);
  const name = nameOf(args);
  const found = name === undefined ? await only(cluster) : await find(cluster, name);
  if (typeof found === 'string') {
    io.err(`${found}\n`);
    return exit.failed;
  }
  if (isOne(found)) {
    if (!(await showData(io, args, found)))
      show(io, statusLines(found, lookOf(io, args, cluster.clock.now())));
    return exit.done;
  }
  if (await showData(io, args, listData(found))) return exit.done;
  if (found.length === 0) io.err(nothingIn(cluster.namespace));
  else show(io, listLines(found, lookOf(io, args, cluster.clock.now()), false));
  return exit.done;
}

function isOne(found: Report | readonly Report[]): found is Report {
  return 'phase' in found;
}

/** What to do where nothing is released by Serin. */
export function nothingIn(namespace: string | undefined): string {
  const where = namespace === undefined ? 'in the namespaces you may read' : `in namespace ${namespace}`;
  const label = `kubectl label namespace ${namespace ?? 'NAME'} serin.dev/mode=canary`;
  return `Serin releases no Deployment ${where}; it does once you say: ${label}\n`;
}
