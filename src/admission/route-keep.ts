import { hash } from '../kube/hash.ts';
import { isSame } from '../rollout/template.ts';
import type { JsonObject, PatchOp } from '../rollout/types.ts';
import { applied } from '../routing/applied.ts';
import { gateway } from '../routing/gateway.ts';
import { istio } from '../routing/istio.ts';
import { isObject, objectAt, textAt } from '../routing/json.ts';
import { recall, splitServices } from '../routing/memory.ts';
import { annotationPath } from '../routing/pointer.ts';
import type { Router } from '../routing/router.ts';
import { twinServiceName } from '../routing/service.ts';
import { type Split, splitAnnotation } from '../routing/types.ts';
import type { RouteAsked } from './route-match.ts';
import * as sentences from './sentences.ts';
import { untouched, type Verdict } from './verdict.ts';

const routers: { readonly [kind: string]: Router } = {
  'networking.istio.io/VirtualService': istio,
  'gateway.networking.k8s.io/HTTPRoute': gateway,
  'gateway.networking.k8s.io/GRPCRoute': gateway,
};

/**
 * Keeps the split in a route object that anybody but Serin writes while a rollout runs: a file that knows nothing of it is
 * applied again, or its owner changes a route. What was asked for stays asked for, on the routes as they are now; and
 * where the Service's traffic no longer comes this way, nothing of it is left. The answer follows from the request alone.
 */
export function keepSplit({ kind, username, object, oldObject }: RouteAsked, controller: string): Verdict {
  const router = routers[kind];
  const services = splitServices(oldObject);
  if (username === controller || router === undefined || services.length === 0) return untouched;
  const remembered = remembering(object, oldObject);
  let kept = applied(object, remembered);
  const patch = [...remembered];
  for (const service of services) {
    const target = { service: { ...service, ports: [] }, twinService: twinServiceName(service.name, hash) };
    const ops = splitAsBefore(router, kept, target);
    kept = applied(kept, ops);
    patch.push(...ops);
  }
  if (isSame(kept, object)) return untouched;
  const names = splitServices(kept).map((service) => service.name);
  const warnings = names.length === 0 ? [] : [sentences.keepsSplit(names)];
  return { kind: 'allow', patch, warnings, outcome: 'passed' };
}

function splitAsBefore(router: Router, object: JsonObject, target: Split): readonly PatchOp[] {
  const memory = recall(object, target);
  if (memory === undefined) return [];
  const { weight, was: _, made: __, ...options } = memory;
  return router.split(object, target, weight, options).filter(({ op }) => op !== 'test');
}

/** The operations that make the object remember what the stored one does, whatever was written over it. */
function remembering(object: JsonObject, oldObject: JsonObject): readonly PatchOp[] {
  const stored = textAt(objectAt(objectAt(oldObject, 'metadata'), 'annotations'), splitAnnotation) ?? '';
  const metadata = objectAt(object, 'metadata');
  const { annotations } = metadata;
  if (textAt(annotations, splitAnnotation) === stored) return [];
  if (!isObject(annotations))
    return [{ op: 'add', path: '/metadata/annotations', value: { [splitAnnotation]: stored } }];
  return [{ op: 'add', path: annotationPath(splitAnnotation), value: stored }];
}
