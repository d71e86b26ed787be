// What is observed on a cluster with a mesh.
import type { MeshCluster, Observation } from '../cluster.ts';
import { meshCounts } from './mesh-counts.ts';
import { meshQueries } from './mesh-queries.ts';
import { meshRoutes } from './mesh-routes.ts';

export const mesh: readonly Observation<MeshCluster>[] = [...meshRoutes, ...meshCounts, ...meshQueries];
