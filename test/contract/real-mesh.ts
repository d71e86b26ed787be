// A real mesh as the observations see it: istiod, Envoy and Prometheus of the rig.
import { Agent, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { objectAt } from '../../src/routing/json.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import type { Mesh } from '../rig/mesh.ts';
import type { Cluster, MeshCluster } from './cluster.ts';

/** Where a moment is given for proxies to learn, a busy machine needs a longer one. */
const slackMs = 1_500;

/** The cluster, with the mesh that runs on it. */
export function withMesh(cluster: Cluster, mesh: Mesh): MeshCluster {
  return {
    ...cluster,
    pass: (ms) => cluster.pass(ms + slackMs),
    send: (host, perSecond, seconds) => send(mesh.gatewayUrl, host, perSecond, seconds),
    query: async (promql, agoMs = 0) => {
      const search = new URLSearchParams({ query: promql, time: String((Date.now() - agoMs) / 1000) });
      const answer = await fetch(`${mesh.prometheusUrl}/api/v1/query?${search.toString()}`);
      return objectAt((await answer.json()) as JsonObject, 'data');
    },
    restartPrometheus: () => mesh.restartPrometheus(),
  };
}

/** Requests at even distances; the answers by status and by the Deployment of the pod that answered. */
async function send(
  url: string,
  host: string,
  perSecond: number,
  seconds: number,
): Promise<Record<string, number>> {
  const agent = new Agent({ keepAlive: true });
  const begun = Date.now();
  const answers = Array.from({ length: Math.round(perSecond * seconds) }, async (_, index) => {
    await sleep(begun + (index * 1000) / perSecond - Date.now());
    return answerOf(url, host, agent).catch((error: unknown) => `${String(error)} -`);
  });
  const counts: Record<string, number> = {};
  for (const answer of await Promise.all(answers)) counts[answer] = (counts[answer] ?? 0) + 1;
  agent.destroy();
  return counts;
}

function answerOf(url: string, host: string, agent: Agent): Promise<string> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { agent, headers: { host } }, (response) => {
      text(response).then((body) => resolve(`${response.statusCode} ${answeringDeployment(body)}`), reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}

/** The rig's shop says its pod; a pod is named by its Deployment, the hash of its template and letters of its own. */
function answeringDeployment(body: string): string {
  const [, deployment = '-'] = /"pod":"(.+)-[^-]+-[^-]+"/.exec(body) ?? [];
  return deployment;
}
