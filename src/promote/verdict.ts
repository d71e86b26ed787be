// From the merge to the verdict: when the cluster has the version, and what becomes of it there.
import { type KubeObject, resources } from '../kube/objects.ts';
import { follow } from '../plugin/follow.ts';
import { type Outcome, watchedFor } from '../plugin/outcome.ts';
import { type Cluster, exit } from '../plugin/verb.ts';
import { hasCode } from '../errors.ts';
import type { Report } from '../report/report.ts';
import type { Deadline } from './deadline.ts';
import { hasVersion, ownRollout, revisionIn } from './deployed.ts';
import { Stop } from './stop.ts';
import type { Telling } from './telling.ts';

export interface Verdict {
  readonly is: 'promoted' | 'failed';
  readonly why: string;
}

export interface Deployed {
  readonly cluster: Cluster;
  readonly deployment: string;
  readonly version: string;
}

const everyMs = 2_000;

/** Comes back when the Deployment is to have the version; throws Stop where it is not so in time. */
export async function synced(where: Deployed, deadline: Deadline, telling: Telling): Promise<KubeObject> {
  const { cluster, deployment, version } = where;
  const name = `${cluster.namespace}/${deployment}`;
  for (let isTold = false; ; isTold = true) {
    const main = await mainOf(where);
    if (main !== undefined && hasVersion(main, version)) {
      const revision = revisionIn(main);
      telling.step('synced', `Deployment ${name}, revision ${revision}`);
      telling.note({ deployment: name, revision });
      return main;
    }
    const without = main === undefined ? 'is not there' : `does not have version ${version} yet`;
    if (!isTold) telling.step('waiting', `Deployment ${name} ${without}`);
    await deadline.pause(everyMs, `Deployment ${name} ${without}`);
  }
}

/** Follows that revision to its end; throws Stop where it does not come in time. */
export async function verdictOf(
  where: Deployed,
  main: KubeObject,
  deadline: Deadline,
  { io }: Telling,
): Promise<Verdict> {
  const { cluster, deployment: name } = where;
  const revision = revisionIn(main);
  const outcomeIn = watchedFor({ revision });
  let last: Outcome = { is: 'open', why: 'it could not be read' };
  const settled = (report: Report | undefined): Outcome | undefined => {
    if (report === undefined) return { is: 'failed', why: `Deployment ${name} is gone` };
    last = outcomeIn(report);
    return last.is === 'open' ? undefined : last;
  };
  const timeoutMs = deadline.leftMs();
  const outcome = await follow(io, cluster, { name, timeoutMs }, settled);
  if (outcome?.is === 'done') return { is: 'promoted', why: outcome.why };
  if (outcome?.is === 'failed') return { is: 'failed', why: outcome.why };
  if (outcome?.is === 'nothing') return ownVerdict(where, revision, outcome.why, deadline);
  await deadline.pause(0, last.why);
  throw new Stop(`not over in time: ${last.why}`, exit.undecided);
}

/** Nobody holds it: its pods say how it goes. */
async function ownVerdict(
  where: Deployed,
  revision: string,
  why: string,
  deadline: Deadline,
): Promise<Verdict> {
  for (;;) {
    const main = await mainOf(where);
    if (main !== undefined && revisionIn(main) !== revision)
      return { is: 'failed', why: `revision ${revision} was superseded by revision ${revisionIn(main)}` };
    const is = main === undefined ? 'open' : ownRollout(main);
    if (is === 'done') return { is: 'promoted', why: `${revision} is live, without a canary: ${why}` };
    if (is === 'failed') return { is: 'failed', why: `its pods did not become available in time: ${why}` };
    await deadline.pause(everyMs, `${revision} rolls out without a canary: ${why}`);
  }
}

/** The Deployment; undefined where there is none, or nobody answers just now. */
async function mainOf({ cluster, deployment }: Deployed): Promise<KubeObject | undefined> {
  try {
    return await cluster.kube.get(resources.deployments, cluster.namespace, deployment);
  } catch (error) {
    if (hasCode(error, 'KUBE_UNREACHABLE') || hasCode(error, 'KUBE_BUSY')) return undefined;
    throw error;
  }
}
