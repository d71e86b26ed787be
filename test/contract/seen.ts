// One observation, made on one cluster.
import type { Cluster, Observation } from './cluster.ts';

/** What is seen, as plain JSON in which the namespace is NS. */
export async function seen<C extends Cluster>({ scenario }: Observation<C>, cluster: C): Promise<unknown> {
  const value: unknown = await scenario(cluster);
  return JSON.parse(JSON.stringify(value ?? null).replaceAll(cluster.namespace, 'NS')) as unknown;
}
