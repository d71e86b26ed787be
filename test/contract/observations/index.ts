// All that has been observed, but for the mesh.
import type { Observation } from '../cluster.ts';
import { evictions } from './evictions.ts';
import { generation } from './generation.ts';
import { conflicts } from './conflicts.ts';
import { patches } from './patches.ts';
import { validation } from './validation.ts';
import { applying } from './apply.ts';
import { deletion } from './deletion.ts';
import { workloadDeletion } from './workload-deletion.ts';
import { watching } from './watching.ts';
import { webhooks } from './webhooks.ts';
import { webhookFailures } from './webhook-failures.ts';
import { webhookMatching } from './webhook-matching.ts';
import { paused } from './paused.ts';
import { deadlines } from './deadline.ts';
import { rollouts } from './rollouts.ts';
import { surge } from './surge.ts';
import { revisions } from './revisions.ts';
import { ofPods } from './pods.ts';
import { reading } from './reading.ts';

export const observations: readonly Observation[] = [
  ...generation,
  ...conflicts,
  ...patches,
  ...validation,
  ...applying,
  ...deletion,
  ...workloadDeletion,
  ...watching,
  ...webhooks,
  ...webhookFailures,
  ...webhookMatching,
  ...paused,
  ...deadlines,
  ...rollouts,
  ...surge,
  ...revisions,
  ...ofPods,
  ...evictions,
  ...reading,
];
