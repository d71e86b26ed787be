import { resources } from '../kube/objects.ts';
import type { Report } from '../report/report.ts';
import { watchReport, watchReports } from '../report/watch.ts';
import { nameOf, noSuch } from './find.ts';
import { keep } from './keep.ts';
import { span } from './lines.ts';
import { listLines } from './render-list.ts';
import { statusLines } from './render-status.ts';
import { nothingIn } from './status.ts';
import { type Args, type Cluster, exit, type ExitCode, type Io } from './verb.ts';

/** Shows one rollout, or without a name the list, and keeps it current until the user stops it. */
export async function watch(io: Io, args: Args): Promise<ExitCode> {
  const cluster = await io.cluster(args);
  const name = nameOf(args);
  return name === undefined ? watchAll(io, args, cluster) : watchOne(io, args, cluster, name);
}

async function watchOne(io: Io, args: Args, cluster: Cluster, name: string): Promise<ExitCode> {
  const { kube, namespace } = cluster;
  if ((await kube.get(resources.deployments, namespace, name)) === undefined) {
    io.err(`${await noSuch(cluster, name)}\n`);
    return exit.failed;
  }
  return keep<Report | undefined>(io, args, cluster, {
    looks: watchReport({ ...cluster, random: io.random }, namespace, name, io.signal),
    screen: (report, look) =>
      report === undefined ? [[span(`${namespace}/${name} is gone`, 'warn')]] : statusLines(report, look),
    reports: (report) => (report === undefined ? [] : [report]),
  });
}

async function watchAll(io: Io, args: Args, cluster: Cluster): Promise<ExitCode> {
  const everywhere = args.isSet('all-namespaces');
  const namespace = everywhere ? undefined : cluster.namespace;
  return keep<readonly Report[]>(io, args, cluster, {
    looks: watchReports({ ...cluster, random: io.random }, namespace, io.signal),
    screen: (reports, look) =>
      reports.length === 0 ? [[span(nothingIn(namespace))]] : listLines(reports, look, everywhere),
    reports: (reports) => reports,
  });
}
