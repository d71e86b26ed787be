import type { JsonObject, TwinScaler } from '../rollout/types.ts';
import { numberAt } from './json.ts';

/** Where each kind of scaler keeps its bounds, and how many pods it keeps where it says nothing. */
const bounds = {
  HorizontalPodAutoscaler: { min: 'minReplicas', max: 'maxReplicas', defaultMax: 1 },
  ScaledObject: { min: 'minReplicaCount', max: 'maxReplicaCount', defaultMax: 100 },
} as const;

/**
 * The spec of main's scaler for the twin. It never goes below the pods that the weight needs, so that it and the rollout
 * do not pull against each other: the rollout asks for more only where there are fewer than that.
 */
export function scalerFor(
  spec: JsonObject,
  wanted: TwinScaler,
  twinName: string,
  needed: number,
): JsonObject {
  const { min, max, defaultMax } = bounds[wanted.kind];
  const least = Math.max(needed, wanted.minReplicas ?? 0);
  const most = Math.max(least, wanted.maxReplicas ?? numberAt(spec, max) ?? defaultMax);
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: twinName };
  return { ...spec, scaleTargetRef: target, [min]: least, [max]: most };
}
