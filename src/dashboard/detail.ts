import { stringify } from 'yaml';
import { readState } from '../config/state.ts';
import { stableOf } from '../config/stable.ts';
import { hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import { routers } from '../kube/routers.ts';
import type { Report } from '../report/report.ts';
import { objectAt, without } from '../routing/json.ts';
import type { Json } from '../rollout/types.ts';
import type { Detail, RouteShown } from './wire.ts';

/** Both templates of a held Deployment as YAML; undefined where nothing is held, or what is stable cannot be told. */
export function templatesOf(deployment: KubeObject): Detail['templates'] {
  const { annotations } = deployment.metadata;
  const state = readState(annotations);
  if (state === undefined || 'corrupt' in state) return undefined;
  const candidate = objectAt(deployment['spec'], 'template');
  const stable = stableOf(annotations, candidate, state);
  return stable === undefined ? undefined : { stable: yamlOf(stable), candidate: yamlOf(candidate) };
}

/** The routes that split the rollout's traffic, as they are now; none where they may not be read. */
export async function routesOf(kube: Pick<Kube, 'get'>, report: Report): Promise<readonly RouteShown[]> {
  const named = [...new Set(report.weight.seen.map(({ route }) => route))];
  const found = named.map(async (route): Promise<readonly RouteShown[]> => {
    // As in report/weight.ts: the namespace stands there where it is another.
    const [, kind, elsewhere, name] = /^(\S+) (?:([^/]+)\/)?([^/]+)$/.exec(route) ?? [];
    const router = routers.find(({ resource }) => resource.kind === kind);
    if (router === undefined || name === undefined) return [];
    const object = await kube.get(router.resource, elsewhere ?? report.namespace, name).catch(notAllowed);
    return object === undefined
      ? []
      : [{ kind: router.resource.kind, name, yaml: yamlOf(shownRoute(router.resource.kind, object)) }];
  });
  return (await Promise.all(found)).flat();
}

function shownRoute(kind: string, object: KubeObject): Json {
  const metadata = without(without(object.metadata, 'managedFields'), 'resourceVersion');
  const { 'kubectl.kubernetes.io/last-applied-configuration': _, ...annotations } =
    object.metadata.annotations ?? {};
  return { kind, metadata: { ...metadata, annotations }, spec: object['spec'] ?? {} };
}

/** Lines stay whole: they are compared one by one. */
function yamlOf(value: Json): string {
  return stringify(value, { lineWidth: 0, aliasDuplicateObjects: false, sortMapEntries: true });
}

function notAllowed(error: unknown): undefined {
  if (hasCode(error, 'KUBE_FORBIDDEN')) return undefined;
  throw error;
}
