import type { RolloutSpec } from '../rollout/types.ts';
import { ladder } from '../rollout/weights.ts';
import { compareOf } from './comparison.ts';
import type { Field } from './field.ts';
import { checkNames, either } from './known.ts';
import { metricsOf } from './metrics.ts';
import { objectNameOf } from './provider.ts';
import * as schema from './schema.ts';

/** The plan a map of settings asks for, defaults filled in; worth nothing where anything was reported. */
export function planOf(root: Field): RolloutSpec {
  checkNames(root, schema.plan);
  only(root.at('promotion'), 'shift');
  only(root.at('provider'), 'istio');
  checkTarget(root.at('targetRef'));
  return {
    service: serviceOf(root.at('service')),
    analysis: analysisOf(either(root, 'analysis', 'canaryAnalysis')),
    progressDeadlineMs: (root.at('progressDeadlineSeconds').whole(1, 604_800) ?? 600) * 1000,
    skipAnalysis: false,
    suspended: false,
    promotion: 'shift',
    onFailure: root.at('onFailure').choice(['hold', 'restore']) ?? 'hold',
  };
}

/** True where the plan switches the canary off, under either name. */
export function isSwitchedOff(root: Field): boolean {
  return either(root, 'enabled', 'enable').flag() === false;
}

function only(field: Field, value: string): void {
  if (field.isGiven && field.value !== value)
    field.report(`is not supported yet unless it is ${value}: remove it`);
}

function checkTarget(field: Field): void {
  if (!field.isGiven) return;
  const kind = field.at('kind');
  if (kind.value === 'Deployment') field.note('not used: the plan is of the Deployment it stands on');
  else if (field.keys().length > 0) kind.expected('Deployment, the one kind that is released');
}

function serviceOf(field: Field): RolloutSpec['service'] {
  checkNames(field, schema.service);
  const virtualService = virtualServiceOf(field.at('virtualService'));
  const name = objectNameOf(field.at('name'));
  const port = field.at('port').whole(1, 65_535);
  const hosts = field.at('hosts').texts();
  const gateways = field.at('gateways').texts();
  return {
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(virtualService === undefined ? {} : { virtualService }),
  };
}

function virtualServiceOf(field: Field): RolloutSpec['service']['virtualService'] {
  checkNames(field, schema.virtualService);
  if (!field.isGiven) return undefined;
  field.at('name').required('the name of the VirtualService');
  const name = objectNameOf(field.at('name'));
  const routes = field.at('routes').texts();
  return name === undefined ? undefined : { name, ...(routes === undefined ? {} : { routes }) };
}

function analysisOf(field: Field): RolloutSpec['analysis'] {
  checkNames(field, schema.analysis);
  const pace = {
    intervalMs: field.at('interval').duration() ?? 60_000,
    threshold: field.at('threshold').whole(1, 10_000) ?? 5,
    strategy: { kind: 'weights' as const, weights: weightsOf(field) },
    gates: [],
  };
  const metrics = metricsOf(field.at('metrics'));
  return { ...pace, metrics, ...compareOf(field.at('compare'), metrics.length > 0) };
}

function weightsOf(field: Field): readonly number[] {
  const steps = either(field, 'stepWeights', 'stepWeight');
  const maxWeight = field.at('maxWeight').whole(1, 100) ?? 50;
  if (!field.at('stepWeights').isGiven) return ladder(steps.whole(1, 100) ?? 10, maxWeight);
  if (field.at('maxWeight').isGiven) field.at('maxWeight').note('not used: stepWeights names every step');
  const items = steps.items() ?? [];
  if (Array.isArray(steps.value) && items.length === 0)
    steps.report('is empty: at least one weight is needed');
  const weights = items.map((item) => item.whole(1, 100) ?? item.required('a weight'));
  const numbers = weights.filter((weight) => typeof weight === 'number');
  const drop = numbers.findIndex((weight, index) => weight <= (numbers[index - 1] ?? 0));
  if (drop > 0) steps.report(`must rise: ${numbers[drop]} comes after ${numbers[drop - 1]}`);
  return numbers;
}
