// What must not be done, in a few words each.
import { resources } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { listAt, objectAt } from '../../../src/routing/json.ts';
import type { SmallShop } from './small-shop.ts';
import { manifest } from './small-world.ts';
import { writeWhole } from './stories.ts';

export function template(image: string): JsonObject {
  return { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image }] } };
}

export function withRoute(shop: SmallShop, change: (route: JsonObject) => JsonObject): JsonObject {
  const spec = objectAt(shop.route, 'spec');
  return {
    ...shop.route,
    spec: { ...spec, http: listAt(spec, 'http').map((route) => change(route as JsonObject)) },
  };
}

export function withDestination(shop: SmallShop, at: number, change: JsonObject): JsonObject {
  return withRoute(shop, (route) => ({
    ...route,
    route: listAt(route, 'route').map(
      (each, n): Json => (n === at ? { ...(each as JsonObject), ...change } : each),
    ),
  }));
}

export function annotateTwin(shop: SmallShop, name: string, value: string): void {
  const { metadata } = shop.twin;
  shop.applyTwin({
    ...shop.twin,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [name]: value } },
  });
}

export function end(shop: SmallShop): void {
  const { v, revision, stableRevision, actor, ownPause, startedAt } = shop.state;
  writeWhole(shop, {
    v,
    revision,
    stableRevision,
    actor,
    ownPause,
    startedAt,
    phase: 'Succeeded',
    endedAt: 0,
    message: '',
  });
}

export function lease(shop: SmallShop, holderIdentity: string): void {
  const metadata = { name: 'serin', namespace: 'serin-system' };
  shop.put(
    { serin: holderIdentity },
    resources.leases,
    manifest(resources.leases, metadata, { spec: { holderIdentity } }),
  );
}
