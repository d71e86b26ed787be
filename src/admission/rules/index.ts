import { deletion } from './delete.ts';
import { endpoints } from './endpoints.ts';
import { floor } from './floor.ts';
import { hold } from './hold.ts';
import { mountedConfig } from './mounted-config.ts';
import { mutableTag } from './mutable-tag.ts';
import { optOut } from './opt-out.ts';
import { owner } from './owner.ts';
import { plan } from './plan.ts';
import { podImage } from './pod-image.ts';
import { replicaSet } from './replica-set.ts';
import { route } from './route.ts';
import type { Rule } from './rule.ts';
import { secondWorkload } from './second-workload.ts';
import { serinObject } from './serin-object.ts';
import { service } from './service.ts';
import { strategy } from './strategy.ts';
import { subset } from './subset.ts';
import { zeroReplicas } from './zero-replicas.ts';

/** Every rule of `serin.dev/mode: enforce`, in the order that docs/rules.md lists them and refusals name them. */
export const rules: readonly Rule[] = [
  ...[hold, strategy, zeroReplicas, optOut, plan, floor, mutableTag],
  ...[deletion, owner, secondWorkload, replicaSet, podImage],
  ...[service, endpoints, route, subset, serinObject, mountedConfig],
];
