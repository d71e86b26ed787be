// The simulated mesh as the observations see it.
import { textOf } from '../../src/kube/stream.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { startMesh } from '../sim/mesh/mesh.ts';
import type { Outcome } from '../sim/mesh/types.ts';
import { Life } from '../sim/time.ts';
import type { MeshCluster } from './cluster.ts';
import { behaviourOf, SimulatedWorld } from './simulated.ts';

/** Proxies learn and requests end within this. */
const settleMs = 3_000;

/** A simulated cluster with one namespace and a mesh. */
export async function simulatedMeshCluster(namespace: string, seed = 1): Promise<MeshCluster> {
  const world = new SimulatedWorld(namespace, seed);
  const { time, api } = world;
  const mesh = startMesh({ time, api, dice: world.dice.fork('mesh'), behaviourOf, scrapeMs: 1_000 });
  let outcomes: Outcome[] = [];
  mesh.onOutcome((outcome) => outcomes.push(outcome));
  await world.open();
  const ask = mesh.prometheus(new Life(time, 'observer'));
  return {
    ...world.cluster(),
    send: async (host, perSecond, seconds) => {
      outcomes = [];
      mesh.load(host, perSecond);
      await time.run(time.now + seconds * 1000);
      mesh.load(host, 0);
      await time.run(time.now + settleMs);
      return tally(outcomes.filter((outcome) => outcome.host === host));
    },
    query: async (promql, agoMs = 0) => {
      const search = new URLSearchParams({ query: promql, time: String((time.now - agoMs) / 1000) });
      const { signal } = new AbortController();
      const url = new URL(`http://prometheus/api/v1/query?${search.toString()}`);
      const answer = await world.passing(
        ask(url, { method: 'GET', headers: {}, redirect: 'manual', signal }),
      );
      if (answer.body === null) throw new Error('an answer without a body');
      return objectAt(JSON.parse(await textOf(answer.body)) as JsonObject, 'data');
    },
    restartPrometheus: async () => mesh.restartPrometheus(),
  };
}

/** By status and answering Deployment; what got no answer at all by how it ended. */
function tally(outcomes: readonly Outcome[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const { status, result, workload = '/-', count } of outcomes) {
    const key = `${status ?? result} ${workload.slice(workload.indexOf('/') + 1)}`;
    if (count > 0) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}
