import { readStable } from '../config/stable.ts';
import { isMadeFor, isTwin } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import type { Json, JsonObject, RolloutSpec, State } from '../rollout/types.ts';
import { numberAt, objectAt, textAt } from '../routing/json.ts';
import { labelSelector, labelsIn, selectorMatches, serviceSelector } from '../routing/selectors.ts';
import { canaryName, type TwinLabels, twinLabels } from '../routing/twin-labels.ts';
import type { Copies } from './copies.ts';
import { othersOf } from './group.ts';
import { hash } from '../kube/hash.ts';
import { type Routing, routingOf } from './ways.ts';

/** Where a rollout stands: every object it concerns, as read for this look. */
export interface Scene {
  readonly main: KubeObject;
  readonly state: State;
  readonly spec: RolloutSpec;
  readonly twinName: string;
  readonly twin?: KubeObject;
  /** The other Deployments of its group. */
  readonly others: readonly KubeObject[];
  /** All Services of the namespace. */
  readonly services: readonly KubeObject[];
  /** The Services that were made for main; one of them selects the twin's pods. */
  readonly made: readonly KubeObject[];
  /** Since when (Unix ms) each of these is known as it is, by its uid. */
  readonly known?: ReadonlyMap<string, number>;
  readonly labels: TwinLabels;
  readonly routing: Routing;
  /** True where an autoscaler sets main's replicas. */
  readonly scaler: boolean;
}

/** What the scene is read from. */
export interface Sources extends Copies {
  readonly kube: Kube;
}

/** Everything a rollout concerns, from the copies. */
export function readScene(copies: Copies, main: KubeObject, state: State, spec: RolloutSpec): Scene {
  const { namespace = '', name } = main.metadata;
  const twinName = canaryName(name, hash);
  const twin = copies.deployments.get(namespace, twinName);
  const services = copies.services.inNamespace(namespace);
  const scalers = copies.scalers.inNamespace(namespace);
  const others = othersOf(copies.deployments, main);
  const made = services.filter((service) => isMadeFor(service, main));
  const selecting = services.filter((service) => selectsPodsOf(service, main));
  const own = labelSelector(objectAt(main['spec'], 'selector'));
  const theirs = selecting.flatMap((service) => serviceSelector(service) ?? []);
  const labels = twinLabels(labelsIn(podLabels(objectAt(main['spec'], 'template'))), [own, ...theirs], hash);
  const routing: Routing = labels.ok
    ? routingOf(
        copies,
        {
          ...{ selecting, made },
          sharedWith: (service) => sharedWith(copies, service, main),
          isOthers: (twinService) => isOthers(copies, twinService, main),
        },
        spec,
        namespace,
      )
    : { kind: 'none', why: labels.why };
  const known = new Map(
    made.flatMap((service) => {
      const since = copies.knownSince?.(service);
      return since === undefined ? [] : [[service.metadata.uid, since] as const];
    }),
  );
  const scaler = scalers.some((each) => scales(each, name));
  return {
    ...{ main, state, spec, twinName, labels, routing, others, services, made, known, scaler },
    ...(twin === undefined ? {} : { twin }),
  };
}

/** True for a Service of the user's that selects the pods of stable or of the candidate. */
function selectsPodsOf(service: KubeObject, main: KubeObject): boolean {
  const selector = serviceSelector(service);
  if (selector === undefined) return false;
  const candidate = objectAt(main['spec'], 'template');
  const templates = [candidate, readStable(main.metadata.annotations, candidate) ?? candidate];
  return templates.some((template) => selectorMatches(selector, labelsIn(podLabels(template))));
}

/** Another Deployment, no twin, that has pods behind the Service. */
function sharedWith({ deployments }: Copies, service: KubeObject, main: KubeObject): string | undefined {
  const selector = serviceSelector(service);
  if (selector === undefined) return undefined;
  const other = deployments
    .inNamespace(main.metadata.namespace ?? '')
    .find(
      (each) =>
        each.metadata.uid !== main.metadata.uid &&
        !isTwin(each) &&
        numberAt(each['spec'], 'replicas') !== 0 &&
        selectorMatches(selector, labelsIn(podLabels(objectAt(each['spec'], 'template')))),
    );
  return other?.metadata.name;
}

/** True for a Service that was made for the twin of another Deployment, which is still there. */
function isOthers({ services, deployments }: Copies, twinService: string, { metadata }: KubeObject): boolean {
  const { namespace = '', uid } = metadata;
  const owner = services.get(namespace, twinService)?.metadata.annotations?.[names.twinOf];
  if (owner === undefined || owner === uid) return false;
  return deployments.inNamespace(namespace).some((each) => each.metadata.uid === owner);
}

function scales(scaler: KubeObject, name: string): boolean {
  const target = objectAt(scaler['spec'], 'scaleTargetRef');
  return textAt(target, 'kind') === 'Deployment' && textAt(target, 'name') === name;
}

function podLabels(template: Json): JsonObject {
  return objectAt(objectAt(template, 'metadata'), 'labels');
}
