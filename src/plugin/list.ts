import { hasCode, messageOf, SerinError } from '../errors.ts';
import { listReports } from '../report/read.ts';
import { listData, lookOf, show, showData } from './output.ts';
import { listLines } from './render-list.ts';
import { nothingIn } from './status.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Shows a line for each Deployment that Serin releases. */
export async function list(io: Io, args: Args): Promise<ExitCode> {
  const cluster = await io.cluster(args);
  const everywhere = args.isSet('all-namespaces');
  const namespace = everywhere ? undefined : cluster.namespace;
  const reports = await listReports(cluster, namespace).catch((error: unknown) => {
    if (!everywhere || !hasCode(error, 'KUBE_FORBIDDEN')) throw error;
    throw new SerinError(
      'KUBE_FORBIDDEN',
      `${messageOf(error)}; of one namespace: kubectl canary list -n NAMESPACE`,
    );
  });
  if (await showData(io, args, listData(reports))) return exit.done;
  if (reports.length === 0) io.err(nothingIn(namespace));
  else show(io, listLines(reports, lookOf(io, args, cluster.clock.now()), everywhere));
  const unread = new Set(reports.flatMap((report) => report.unread ?? []));
  if (unread.size > 0) io.err(`not shown, since you may not read it: ${[...unread].join(', ')}\n`);
  return exit.done;
}
