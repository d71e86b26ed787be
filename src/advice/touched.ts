// What a rollout would make and change: told by the controller's own hand, on an API server that writes nothing.
import { applyTwin } from '../controller/act-twin.ts';
import type { Scene } from '../controller/scene.ts';
import { messageOf, SerinError } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';
import type { Sight } from './seen.ts';

export interface Touched {
  readonly kind: string;
  readonly name: string;
  readonly how: string;
}

export interface Touching {
  readonly touched: readonly Touched[];
  /** Why the canary could not be made. */
  readonly problem?: string;
}

const forNow = 'made, and gone at the end';

/** Every object that a rollout of the scene makes or edits. */
export async function touchedBy(sight: Sight, kube: Kube, scene: Scene): Promise<Touching> {
  const { main, spec, routing } = scene;
  const kept = scalers(scene);
  if (spec.promotion === 'inPlace')
    return { touched: [own(main, 'its own pods roll in steps; there is no second Deployment'), ...kept] };
  const made: Touched[] = [];
  const problem = await applyTwin(writingNothing(sight, kube, made), scene, {
    ...{ replicas: 1, settleMs: 0, revision: scene.state.revision },
  }).then(() => undefined, messageOf);
  const routes = routing.kind === 'none' ? [] : routing.ways.flatMap(routesOf);
  return {
    touched: [own(main, 'held, and rolled by Kubernetes once it is promoted'), ...made, ...routes, ...kept],
    ...(problem === undefined ? {} : { problem }),
  };
}

function own(main: KubeObject, how: string): Touched {
  return { kind: 'Deployment', name: main.metadata.name, how };
}

type Way = Extract<Scene['routing'], { readonly kind: 'split' }>['ways'][number];

function routesOf({ routes, maker, split: { service } }: Way): readonly Touched[] {
  const made =
    routes.length > 0
      ? []
      : [
          {
            kind: maker?.resource.kind ?? 'route',
            name: service.name,
            how: `${forNow}: nothing routes to Service ${service.name} yet`,
          },
        ];
  return [
    ...made,
    ...routes.map(({ object: { metadata }, resource }) => ({
      kind: resource.kind,
      name:
        metadata.namespace === service.namespace ? metadata.name : `${metadata.namespace}/${metadata.name}`,
      how: `the weights of what it sends to Service ${service.name}; given back at the end`,
    })),
  ];
}

function scalers({ main, scaler, spec }: Scene): readonly Touched[] {
  if (!scaler) return [];
  const how =
    spec.scaler === undefined
      ? "kept; the canary's replicas follow its traffic"
      : 'kept; the canary has a copy of it';
  return [{ kind: 'Autoscaler', name: `of ${main.metadata.name}`, how }];
}

/** Reads as the user; what would be written is noted, and nothing is sent. */
function writingNothing(sight: Sight, kube: Kube, made: Touched[]): Kube {
  const refused = (): never => {
    throw new SerinError('KUBE_INVALID', 'nothing is written here');
  };
  return {
    ...kube,
    get: (resource, namespace, name) => sight.get(resource, namespace, name),
    list: async (resource, scope) => {
      const items = await sight.list(resource, scope);
      return items === undefined ? undefined : { items, resourceVersion: '' };
    },
    create: async (resource, _, object) => {
      made.push({
        kind: resource.kind,
        name: nameIn(object),
        how: resource === resources.podDisruptionBudgets ? guarding : howOf(resource.plural),
      });
      return noted(object);
    },
    patch: async (resource, _, name) => {
      made.push({ kind: resource.kind, name, how: 'brought up to date, and gone at the end' });
      return noted({ metadata: { name } });
    },
    delete: () => Promise.resolve(),
    watch: refused,
    ask: () => Promise.reject(new SerinError('KUBE_INVALID', 'nothing is asked here')),
  };
}

const guarding = `${forNow}: guards its pods as the stable ones are`;

function howOf(plural: string): string {
  return ['deployments', 'services', 'horizontalpodautoscalers', 'scaledobjects'].includes(plural)
    ? forNow
    : guarding;
}

function nameIn(object: JsonObject): string {
  return textAt(objectAt(object, 'metadata'), 'name') ?? '';
}

function noted(object: JsonObject): KubeObject {
  return {
    ...object,
    metadata: { uid: '', resourceVersion: '', ...objectAt(object, 'metadata'), name: nameIn(object) },
  };
}
