// A Rollout of Argo's as a plan, and as the Deployment that takes its place.
import type { PlainMap } from '../config/document.ts';
import { hash } from '../kube/hash.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { twinServiceName } from '../routing/service.ts';
import { type Analysis, metricsOf, type Measured } from './argo-metrics.ts';
import { stepsOf } from './argo-steps.ts';
import { followable, type Imported, type Left, type Origin } from './imported.ts';

type Unfit = { readonly unfit: string };

/** The plan of a Rollout; or why there can be none. `others` are the objects of the same file. */
export function fromRollout(rollout: JsonObject, others: readonly JsonObject[]): Imported | Unfit {
  const { spec, metadata } = rollout;
  const own = textAt(metadata, 'name') ?? '';
  const namespace = textAt(metadata, 'namespace');
  const source = `Rollout ${namespace === undefined ? '' : `${namespace}/`}${own}`;
  const ref = objectAt(spec, 'workloadRef');
  const isOfAnother = textAt(ref, 'name') !== undefined;
  if (isOfAnother && textAt(ref, 'kind') !== 'Deployment')
    return {
      unfit: `${source}: spec.workloadRef: only a Deployment can be released, and this is a ${textAt(ref, 'kind') ?? 'reference without a kind'}`,
    };
  const strategy = objectAt(spec, 'strategy');
  const {
    plan: asked,
    left,
    origin,
  } = isObject(strategy['blueGreen'])
    ? blueGreen(strategy['blueGreen'], others)
    : canary(objectAt(strategy, 'canary'), others);
  const deadline = numberAt(spec, 'progressDeadlineSeconds');
  const { plan, left: cut } = followable(
    { ...asked, ...(deadline === undefined ? {} : { progressDeadlineSeconds: deadline }) },
    origin,
  );
  return {
    ...{ source, plan, left: [...left, ...cut, ...aroundIt(spec)] },
    name: isOfAnother ? (textAt(ref, 'name') ?? own) : own,
    ...(namespace === undefined ? {} : { namespace }),
    ...(isOfAnother ? {} : { whole: deploymentOf(rollout) }),
  };
}

interface Asked {
  readonly plan: PlainMap;
  readonly left: readonly Left[];
  readonly origin: Origin;
}

function canary(value: JsonObject, others: readonly JsonObject[]): Asked {
  const at = 'spec.strategy.canary';
  const steps = stepsOf(listAt(value, 'steps'));
  const background: readonly Analysis[] = isObject(value['analysis'])
    ? [{ path: `${at}.analysis`, value: value['analysis'] }]
    : [];
  const [stable, twin] = [textAt(value, 'stableService'), textAt(value, 'canaryService')];
  const renamed =
    stable === undefined || twin === undefined ? {} : { from: twin, to: twinServiceName(stable, hash) };
  const measured = metricsOf([...background, ...steps.analyses], { others, renamed });
  const routes = routing(objectAt(value, 'trafficRouting'), stable);
  return {
    plan: { ...routes.plan, analysis: { ...intervalOf(measured), ...steps.analysis, ...judgedBy(measured) } },
    left: [
      ...routes.left,
      ...services(at, stable, twin),
      ...steps.left,
      ...measured.left,
      ...unmeasured(measured, at),
      ...unused(value, at),
    ],
    origin: (path) => `${at}: ${path}`,
  };
}

function blueGreen(value: JsonObject, others: readonly JsonObject[]): Asked {
  const at = 'spec.strategy.blueGreen';
  const before = value['prePromotionAnalysis'];
  const analyses = isObject(before) ? [{ path: `${at}.prePromotionAnalysis`, value: before }] : [];
  const measured = metricsOf(analyses, { others, renamed: {} });
  const [name, seconds] = [textAt(value, 'activeService'), numberAt(value, 'autoPromotionSeconds')];
  const wait = seconds === undefined || seconds === 0 ? {} : { interval: `${seconds}s` };
  const left: Left[] = [];
  const lost = (key: string, why: string): unknown => left.push({ path: `${at}.${key}`, is: 'lost', why });
  if (value['autoPromotionEnabled'] === false)
    lost(
      'autoPromotionEnabled',
      'waits for a person: have a gate of type confirm-promotion in analysis.webhooks',
    );
  if (isObject(value['postPromotionAnalysis']))
    lost(
      'postPromotionAnalysis',
      'is not done: what is promoted has been judged with all the traffic of its iterations, and kubectl canary rollback goes back',
    );
  return {
    plan: {
      ...(name === undefined ? {} : { service: { name } }),
      analysis: { ...intervalOf(measured), ...wait, iterations: measured.count ?? 1, ...judgedBy(measured) },
    },
    left: [...left, ...measured.left, ...unmeasured(measured, at), ...unused(value, at)],
    origin: (path) => `${at}: ${path}`,
  };
}

function intervalOf({ interval }: Measured): PlainMap {
  return interval === undefined ? {} : { interval };
}

function judgedBy({ metrics, threshold }: Measured): PlainMap {
  if (metrics.length === 0) return {};
  return { ...(threshold === undefined ? {} : { threshold }), metrics };
}

function unmeasured({ metrics }: Measured, path: string): readonly Left[] {
  if (metrics.length > 0) return [];
  return [
    {
      ...{ path: `${path}.analysis`, is: 'needless' },
      why: 'no metric is carried: Serin checks the success rate and the P99 by itself; metrics: [] in the plan switches that off',
    },
  ];
}

function services(path: string, stable: string | undefined, twin: string | undefined): readonly Left[] {
  if (stable === undefined || twin === undefined) return [];
  const why = `the canary's Service is made when it is needed; route all traffic to ${stable}, and take rollouts-pod-template-hash out of its selector`;
  return [{ path: `${path}.canaryService`, is: 'needless', why }];
}

/** Istio's own routes are what Serin edits; Gateway API's come as a plugin. */
function routing(
  traffic: JsonObject,
  stable: string | undefined,
): { readonly plan: PlainMap; readonly left: readonly Left[] } {
  const path = 'spec.strategy.canary.trafficRouting';
  const left: Left[] = [];
  const istio = objectAt(traffic, 'istio');
  const route = objectAt(istio, 'virtualService');
  const [name, routes] = [textAt(route, 'name'), listAt(route, 'routes')];
  const isGateway = Object.keys(objectAt(traffic, 'plugins')).some((key) => key.endsWith('/gatewayAPI'));
  for (const kind of Object.keys(traffic))
    if (
      !['istio', 'plugins', 'managedRoutes', 'maxTrafficWeight'].includes(kind) ||
      (kind === 'plugins' && !isGateway)
    )
      left.push({
        path: `${path}.${kind}`,
        is: 'lost',
        why: 'is not edited: traffic is split by a VirtualService or an HTTPRoute',
      });
  if ('destinationRule' in istio)
    left.push({
      path: `${path}.istio.destinationRule`,
      is: 'needless',
      why: 'no subsets are needed: the canary has a Service of its own; route to the host without a subset',
    });
  const service = {
    ...(stable === undefined ? {} : { name: stable }),
    ...(name === undefined ? {} : { virtualService: { name, ...(routes.length === 0 ? {} : { routes }) } }),
  };
  const plan = {
    ...(isGateway ? { provider: 'gatewayapi:v1' } : {}),
    ...(Object.keys(service).length === 0 ? {} : { service }),
  };
  return { plan, left };
}

/** What of a strategy is done otherwise, or not at all. */
const otherwise: Readonly<Record<string, string>> = {
  ...{
    canaryMetadata: 'pods keep the labels and annotations of the template',
    stableMetadata: 'pods keep the labels and annotations of the template',
  },
  ...{
    activeMetadata: 'pods keep the labels and annotations of the template',
    previewMetadata: 'pods keep the labels and annotations of the template',
  },
  antiAffinity: 'write it into the pod template',
  ...{
    scaleDownDelaySeconds: 'the canary goes once its last requests are answered',
    abortScaleDownDelaySeconds: 'the canary goes once its last requests are answered',
  },
  scaleDownDelayRevisionLimit: 'no old pods stay',
  dynamicStableScale: 'the Deployment keeps its pods until the promotion',
  minPodsPerReplicaSet: 'the canary has as many pods as its share of the traffic needs',
  pingPong: 'the stable Service is always the same',
  previewService: 'the canary has a Service of its own, with -canary behind its name',
  previewReplicaCount: 'the canary has as many pods as carry everything: all traffic comes at once',
};

function unused(value: JsonObject, path: string): readonly Left[] {
  return Object.keys(value).flatMap((key): readonly Left[] =>
    otherwise[key] === undefined ? [] : [{ path: `${path}.${key}`, is: 'needless', why: otherwise[key] }],
  );
}

function aroundIt(spec: Json | undefined): readonly Left[] {
  const said: Readonly<Record<string, string>> = {
    rollbackWindow: 'kubectl canary rollback goes back without an analysis',
    progressDeadlineAbort: 'a candidate that is not ready in time is always rolled back',
    restartAt: 'kubectl rollout restart does that',
    analysis: 'nothing is kept of an analysis but its outcome',
  };
  const found = Object.keys(said).filter((key) => isObject(spec) && key in spec);
  return found.map((key) => ({ path: `spec.${key}`, is: 'needless', why: said[key] ?? '' }));
}

const kept = [
  'replicas',
  'selector',
  'template',
  'minReadySeconds',
  'revisionHistoryLimit',
  'paused',
  'progressDeadlineSeconds',
];

function deploymentOf({ spec, metadata }: JsonObject): PlainMap {
  const parts = Object.entries(isObject(spec) ? spec : {}).filter(([key]) => kept.includes(key));
  const pace = Object.entries(objectAt(objectAt(spec, 'strategy'), 'canary')).filter(([key]) =>
    ['maxSurge', 'maxUnavailable'].includes(key),
  );
  const annotations = Object.entries(objectAt(metadata, 'annotations')).filter(
    ([key]) => !/^rollout\.argoproj\.io\/|last-applied-configuration$/.test(key),
  );
  const named = Object.entries(isObject(metadata) ? metadata : {}).filter(([key]) =>
    ['name', 'namespace', 'labels'].includes(key),
  );
  return {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { ...Object.fromEntries(named), annotations: Object.fromEntries(annotations) },
    spec: {
      ...Object.fromEntries(parts),
      ...(pace.length === 0 ? {} : { strategy: { rollingUpdate: Object.fromEntries(pace) } }),
    },
  };
}
