import type { RolloutSpec } from '../rollout/types.ts';
import { affinityOf } from './affinity.ts';
import { alertsOf } from './alerts.ts';
import { compareOf } from './comparison.ts';
import type { Field } from './field.ts';
import { gatesOf } from './gates.ts';
import { checkNames, either } from './known.ts';
import { metricsOf } from './metrics.ts';
import { scalerOf } from './scaler.ts';
import * as schema from './schema.ts';
import { serviceOf } from './service.ts';
import { type Means, strategyOf } from './strategy.ts';

/** The plan a map of settings asks for, defaults filled in; worth nothing where anything was reported. */
export function planOf(root: Field): RolloutSpec {
  checkNames(root, schema.plan);
  checkTarget(root.at('targetRef'));
  const router = routerOf(root.at('provider'));
  const promotion = root.at('promotion').choice(['shift', 'inPlace']) ?? 'shift';
  const scaler = scalerOf(root, promotion);
  return {
    service: serviceOf(root.at('service')),
    analysis: analysisOf(either(root, 'analysis', 'canaryAnalysis'), { promotion, router }),
    progressDeadlineMs: (root.at('progressDeadlineSeconds').whole(1, 604_800) ?? 600) * 1000,
    skipAnalysis: root.at('skipAnalysis').flag() ?? false,
    suspended: root.at('suspend').flag() ?? false,
    promotion,
    ...(router === undefined ? {} : { router }),
    ...(scaler === undefined ? {} : { scaler }),
    ...(root.at('configTracking').flag() === false ? { configTracking: false } : {}),
    onFailure: root.at('onFailure').choice(['hold', 'restore']) ?? 'hold',
  };
}

/** True where the plan switches the canary off, under either name. */
export function isSwitchedOff(root: Field): boolean {
  return either(root, 'enabled', 'enable').flag() === false;
}

const routers = {
  istio: 'istio',
  'gatewayapi:v1': 'gateway',
  'gatewayapi:v1beta1': 'gateway',
  kubernetes: 'none',
} as const satisfies Record<string, RolloutSpec['router']>;

function routerOf(field: Field): RolloutSpec['router'] {
  const name = Object.keys(routers).find((each) => each === field.value) as keyof typeof routers | undefined;
  if (name !== undefined) return routers[name];
  if (field.text() === undefined) return undefined;
  return field.report(
    'is not one that Serin splits traffic with: istio, gatewayapi:v1 (of whichever mesh or ingress reads HTTPRoutes), gatewayapi:v1beta1, or kubernetes, which splits none',
  );
}

function checkTarget(field: Field): void {
  if (!field.isGiven) return;
  const kind = field.at('kind');
  if (kind.value === 'Deployment') field.note('not used: the plan is of the Deployment it stands on');
  else if (field.keys().length > 0) kind.expected('Deployment, the one kind that is released');
}

function analysisOf(field: Field, means: Means): RolloutSpec['analysis'] {
  checkNames(field, schema.analysis);
  const intervalMs = field.at('interval').duration() ?? 60_000;
  const threshold = field.at('threshold').whole(1, 10_000) ?? 5;
  const affinity = affinityOf(field.at('sessionAffinity'));
  const strategy = strategyOf(field, means);
  const metrics = metricsOf(field.at('metrics'));
  const alerts = alertsOf(field.at('alerts'));
  return {
    ...{ intervalMs, threshold, strategy },
    ...(affinity === undefined || strategy.kind === 'iterations' ? {} : { affinity }),
    gates: gatesOf(field.at('webhooks')),
    metrics,
    ...compareOf(field.at('compare'), metrics.length > 0),
    ...(alerts === undefined ? {} : { alerts }),
  };
}
