// A Canary of Flagger's as a plan. Names and meanings are nearly the same: what differs is said here, and what Serin does
// not have is taken out by its own reading of the plan.
import { isPlainMap, own, type PlainMap } from '../config/document.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, objectAt, textAt } from '../routing/json.ts';
import { followable, type Imported, type Left } from './imported.ts';

/** The plan of a Canary; or why there can be none. `others` are the objects of the same file. */
export function fromCanary(
  canary: JsonObject,
  others: readonly JsonObject[],
): Imported | { readonly unfit: string } {
  const { spec, metadata } = canary;
  const target = objectAt(spec, 'targetRef');
  const namespace = textAt(metadata, 'namespace');
  const source = `Canary ${namespace === undefined ? '' : `${namespace}/`}${textAt(metadata, 'name') ?? ''}`;
  const name = textAt(target, 'name');
  if (textAt(target, 'kind') !== 'Deployment' || name === undefined)
    return {
      unfit: `${source}: spec.targetRef: only a Deployment can be released, and this is a ${textAt(target, 'kind') ?? 'target without a kind'}`,
    };
  const left: Left[] = [];
  const asked = Object.fromEntries(
    Object.entries(isObject(spec) ? spec : {}).flatMap(([key, value]): readonly [string, unknown][] => {
      if (key === 'targetRef') return [];
      if (key === 'analysis' || key === 'canaryAnalysis')
        return [['analysis', analysisOf(value, { namespace, others, left, path: `spec.${key}` })]];
      return [[key, value]];
    }),
  );
  const { plan, left: cut } = followable(asked);
  return {
    ...{ source, name, plan, left: [...left, ...cut] },
    ...(namespace === undefined ? {} : { namespace }),
  };
}

interface Around {
  readonly namespace: string | undefined;
  readonly others: readonly JsonObject[];
  readonly left: Left[];
  readonly path: string;
}

/** Where a default of Flagger's is another than Serin's it is written down. */
function analysisOf(value: Json, around: Around): PlainMap {
  if (!isObject(value)) return {};
  const { threshold, metrics } = value;
  const { stepWeight, maxWeight } = value;
  const isLinear = stepWeight !== undefined && maxWeight === undefined;
  if (typeof stepWeight === 'number' && typeof maxWeight === 'number' && maxWeight % stepWeight !== 0)
    around.left.push({
      ...{ path: `${around.path}.maxWeight`, is: 'needless' },
      why: `the last step stops there; Flagger goes to ${Math.ceil(maxWeight / stepWeight) * stepWeight}`,
    });
  if (!('metrics' in value))
    around.left.push({
      ...{ path: `${around.path}.metrics`, is: 'needless' },
      why: 'none are given, and Flagger would measure nothing; Serin checks the success rate and the P99: metrics: [] in the plan switches that off',
    });
  return {
    ...value,
    ...(typeof threshold === 'number' && threshold > 0 ? {} : { threshold: 1 }),
    ...(isLinear ? { maxWeight: 100 } : {}),
    ...(Array.isArray(metrics) ? { metrics: metrics.map((metric: Json) => inlined(metric, around)) } : {}),
  };
}

/** A MetricTemplate of the same file is written into the plan: Flagger's kinds may go with Flagger. */
function inlined(metric: Json, { namespace, others }: Around): unknown {
  const ref = objectAt(metric, 'templateRef');
  const name = textAt(ref, 'name');
  const wanted = textAt(ref, 'namespace') ?? namespace;
  const template = others.find(
    (each) =>
      each['kind'] === 'MetricTemplate' &&
      textAt(each['metadata'], 'name') === name &&
      [undefined, wanted].includes(textAt(each['metadata'], 'namespace')),
  );
  if (template === undefined || !isObject(metric)) return metric;
  const { query, provider } = objectAt(template, 'spec');
  // A Secret is read beside the template: written into the plan it would be looked for in another namespace.
  if (wanted !== namespace && isObject(objectAt({ provider: provider ?? null }, 'provider')['secretRef']))
    return metric;
  const { templateRef: _, ...rest } = metric;
  const source = ownProvider(provider);
  return {
    ...rest,
    ...(query === undefined ? {} : { query }),
    ...(source === undefined ? {} : { provider: source }),
  };
}

/** False is what there is anyway. */
function ownProvider(provider: Json | undefined): unknown {
  if (!isPlainMap(provider)) return undefined;
  const entries = Object.entries(provider).filter(
    ([key]) => key !== 'insecureSkipVerify' || own(provider, key) === true,
  );
  return Object.fromEntries(entries);
}
