import { createHash } from 'node:crypto';
import { readStable } from '../config/stable.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Json, JsonObject, RolloutSpec, State } from '../rollout/types.ts';
import { carries, isEdited } from '../routing/istio.ts';
import { listAt, objectAt, textAt } from '../routing/json.ts';
import { labelSelector, labelsIn, selectorMatches, serviceSelector } from '../routing/selectors.ts';
import { splitServices } from '../routing/memory.ts';
import { servicePorts, twinServiceName } from '../routing/service.ts';
import { canaryName, type TwinLabels, twinLabels } from '../routing/twin-labels.ts';
import type { Restriction, Split } from '../routing/types.ts';
import type { Copies } from './copies.ts';

/** Where a rollout stands: every object it concerns, as read for this look. */
export interface Scene {
  readonly main: KubeObject;
  readonly state: State;
  readonly spec: RolloutSpec;
  readonly twinName: string;
  readonly twin?: KubeObject;
  /** All Services of the namespace. */
  readonly services: readonly KubeObject[];
  /** The Services that were made for main; one of them selects the twin's pods. */
  readonly made: readonly KubeObject[];
  readonly labels: TwinLabels;
  readonly routing: Routing;
  /** True where an autoscaler sets main's replicas. */
  readonly scaler: boolean;
}

/** The Service whose traffic is split and what routes to it; or why there is nothing to split. */
export type Routing =
  | {
      readonly kind: 'istio';
      /** Absent while somebody has deleted it, and routes still hold a split of it. */
      readonly service?: KubeObject;
      readonly split: Split;
      readonly restriction?: Restriction;
      /** The VirtualServices that carry the Service's traffic or still hold an edit of ours. */
      readonly virtualServices: readonly KubeObject[];
    }
  | { readonly kind: 'none'; readonly why: string; readonly service?: KubeObject };

/** What the scene is read from. */
export interface Sources extends Copies {
  readonly kube: Kube;
}

/** Hexadecimal digits of a text, for names that must be cut. */
export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Everything a rollout concerns, from the copies. */
export function readScene(
  { deployments, services: allServices, scalers: allScalers, virtualServices }: Copies,
  main: KubeObject,
  state: State,
  spec: RolloutSpec,
): Scene {
  const { namespace = '', name } = main.metadata;
  const twinName = canaryName(name, hash);
  const twin = deployments.get(namespace, twinName);
  const services = allServices.inNamespace(namespace);
  const scalers = allScalers.inNamespace(namespace);
  const made = services.filter((service) => isMadeFor(service, main));
  const selecting = services.filter((service) => selectsPodsOf(service, main));
  const own = labelSelector(objectAt(main['spec'], 'selector'));
  const theirs = selecting.flatMap((service) => serviceSelector(service) ?? []);
  const labels = twinLabels(labelsIn(podLabels(objectAt(main['spec'], 'template'))), [own, ...theirs], hash);
  const routing: Routing = labels.ok
    ? (lostRouting(selecting, virtualServices(), made) ??
      routingOf(selecting, virtualServices(), spec, namespace))
    : { kind: 'none', why: labels.why };
  const scaler = scalers.some((each) => scales(each, name));
  return {
    ...{ main, state, spec, twinName, labels, routing, services, made, scaler },
    ...(twin === undefined ? {} : { twin }),
  };
}

/** True where main owns the object, by its uid. */
export function isMadeFor({ metadata }: KubeObject, main: KubeObject): boolean {
  return listAt(metadata, 'ownerReferences').some((owner) => textAt(owner, 'uid') === main.metadata.uid);
}

/** True for a Service of the user's that selects the pods of stable or of the candidate. */
function selectsPodsOf(service: KubeObject, main: KubeObject): boolean {
  const selector = serviceSelector(service);
  if (selector === undefined) return false;
  const candidate = objectAt(main['spec'], 'template');
  const templates = [candidate, readStable(main.metadata.annotations, candidate) ?? candidate];
  return templates.some((template) => selectorMatches(selector, labelsIn(podLabels(template))));
}

/**
 * The split of a Service that somebody deleted in the middle of a rollout: its edits are still in the routes, and what
 * they send to the twin must not pass for no traffic.
 */
function lostRouting(
  selecting: readonly KubeObject[],
  virtualServices: readonly KubeObject[] | undefined,
  made: readonly KubeObject[],
): Routing | undefined {
  if (selecting.length > 0 || virtualServices === undefined) return undefined;
  for (const twinService of made) {
    const ports = servicePorts(twinService);
    const splits = virtualServices.flatMap(splitServices).map((service): Split => {
      return { service: { ...service, ports }, twinService: twinServiceName(service.name, hash) };
    });
    const { name, namespace } = twinService.metadata;
    const split = splits.find((each) => each.twinService === name && each.service.namespace === namespace);
    if (split === undefined) continue;
    return { kind: 'istio', split, virtualServices: virtualServices.filter((each) => isEdited(each, split)) };
  }
  return undefined;
}

function routingOf(
  selecting: readonly KubeObject[],
  virtualServices: readonly KubeObject[] | undefined,
  { service: wanted }: RolloutSpec,
  namespace: string,
): Routing {
  const eligible = selecting.filter(
    ({ metadata }) => wanted.name === undefined || metadata.name === wanted.name,
  );
  const [first] = eligible;
  if (first === undefined) {
    const which =
      wanted.name === undefined
        ? 'no Service selects'
        : `Service ${namespace}/${wanted.name} does not select`;
    return { kind: 'none', why: `${which} the pods` };
  }
  if (virtualServices === undefined) return { kind: 'none', why: 'Istio is not installed', service: first };
  const restriction = wanted.virtualService;
  const ways = eligible.map((service) => {
    const split = splitOf(service);
    const involved = virtualServices.filter(
      (each) => carries(each, split, restriction) || isEdited(each, split),
    );
    return { service, split, virtualServices: involved };
  });
  const way = ways.find((each) => each.virtualServices.length > 0) ?? {
    service: first,
    split: splitOf(first),
    virtualServices: [],
  };
  if (restriction !== undefined && way.virtualServices.length === 0) {
    const why = `VirtualService ${restriction.name} does not route to Service ${namespace}/${first.metadata.name}`;
    return { kind: 'none', why, service: first };
  }
  return { kind: 'istio', ...way, ...(restriction === undefined ? {} : { restriction }) };
}

/** The split of a Service and its twin's. */
function splitOf(service: KubeObject): Split {
  const { name, namespace = '' } = service.metadata;
  return {
    service: { name, namespace, ports: servicePorts(service) },
    twinService: twinServiceName(name, hash),
  };
}

function scales(scaler: KubeObject, name: string): boolean {
  const target = objectAt(scaler['spec'], 'scaleTargetRef');
  return textAt(target, 'kind') === 'Deployment' && textAt(target, 'name') === name;
}

function podLabels(template: Json): JsonObject {
  return objectAt(objectAt(template, 'metadata'), 'labels');
}
