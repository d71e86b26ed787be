// Which rollout is meant.
import { nearest } from '../config/nearest.ts';
import { hasCode } from '../errors.ts';
import { listAll } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import { listReports, readReport } from '../report/read.ts';
import type { Report } from '../report/report.ts';
import type { Args, Cluster } from './verb.ts';

/** The name that was given, also where it was written `deployment/web`; undefined where none was. */
export function nameOf({ positionals }: Args): string | undefined {
  return positionals[0]?.replace(/^(deployments?|deploy)(\.apps)?\//, '');
}

/** The report of that name; or, in a sentence, that there is none, and the nearest that is. */
export async function find(cluster: Cluster, name: string): Promise<Report | string> {
  const report = await readReport(cluster, cluster.namespace, name);
  return report ?? noSuch(cluster, name);
}

/** The only rollout of the namespace where no name was given; or all of them. */
export async function only(cluster: Cluster): Promise<Report | readonly Report[]> {
  const reports = await listReports(cluster, cluster.namespace);
  const [first] = reports;
  if (first === undefined || reports.length > 1) return reports;
  return (await readReport(cluster, cluster.namespace, first.name)) ?? first;
}

/** That there is no such Deployment, and the nearest that is. */
export async function noSuch({ kube, namespace }: Cluster, name: string): Promise<string> {
  const sentence = `no Deployment ${name} in namespace ${namespace}`;
  try {
    const all = (await listAll(kube, resources.deployments, { namespace })) ?? [];
    const near = nearest(
      name,
      all.map(({ metadata }) => metadata.name),
    );
    return near === undefined ? sentence : `${sentence}; did you mean ${near}?`;
  } catch (error) {
    if (hasCode(error, 'KUBE_FORBIDDEN')) return sentence;
    throw error;
  }
}
