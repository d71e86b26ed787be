// Of what Serin keeps to, what guards a twin, and what pods read.
import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { objectAt } from '../../../src/routing/json.ts';
import type { Loud } from './loud.ts';
import { ann, leader, type SmallShop } from './small-shop.ts';
import { manifest } from './small-world.ts';
import { tell } from './stories.ts';

const inShop = { namespace: 'shop' };
const guard = { how: { verb: 'patch', patchType: 'merge' } } as const;

function budget(name: string, app: string, maxUnavailable: number): JsonObject {
  const spec = { selector: { matchLabels: { app } }, maxUnavailable };
  return manifest(resources.podDisruptionBudgets, { name, ...inShop }, { spec });
}

/** The owner's, which stood long before. */
async function guarded(shop: SmallShop): Promise<void> {
  shop.put(ann, resources.podDisruptionBudgets, budget('web', 'web', 1));
  await shop.pass(20_000);
}

/** Serin's, for the twin. */
function shade(shop: SmallShop, object: JsonObject): KubeObject {
  const labels = { 'app.kubernetes.io/managed-by': 'serin' };
  const annotations = { [names.twinOf]: shop.main.metadata.uid };
  const metadata = { ...objectAt(object, 'metadata'), labels, annotations };
  return shop.put(leader, resources.podDisruptionBudgets, { ...object, metadata });
}

function label(shop: SmallShop, object: KubeObject, resource: keyof typeof resources): void {
  const metadata = { ...object.metadata, labels: { touched: 'yes' } };
  const body = { metadata: { resourceVersion: object.metadata.resourceVersion } };
  shop.put(leader, resources[resource], { ...object, metadata }, { ...guard.how, body });
}

/** Serin makes the template with another content the candidate. */
function trySomeContent(shop: SmallShop): void {
  const { main } = shop;
  const template = objectAt(objectAt(main, 'spec'), 'template');
  const marked = { ...objectAt(template, 'metadata'), annotations: { [names.config]: 'some' } };
  shop.write({ phase: 'Pending' }, { paused: true, template: { ...template, metadata: marked } });
}

export const kept: readonly Loud[] = [
  [
    'I21',
    "a Service of the owner's",
    (shop) => {
      const service = shop.get(resources.services, 'shop', 'web');
      if (service !== undefined) label(shop, service, 'services');
    },
    /Service shop\/web by serin-a: it is the owner's, and nothing that Serin edits/,
  ],
  [
    'I21',
    'a Deployment where there never was a canary',
    (shop) => {
      const metadata = { name: 'web', namespace: 'plain' };
      const main = shop.put(ann, resources.deployments, manifest(resources.deployments, metadata));
      label(shop, main, 'deployments');
    },
    /Deployment plain\/web by serin-a: namespace plain never had a canary/,
  ],
  [
    'I21',
    'a route that holds no split',
    (shop) => label(shop, shop.route, 'virtualServices'),
    /VirtualService shop\/shop by serin-a: it holds no split/,
  ],
  [
    'I22',
    'a weight for a twin that nothing guards',
    async (shop) => {
      await guarded(shop);
      await tell(shop, 'trial');
    },
    /the twin of shop\/web gets requests, and PodDisruptionBudget shop\/web has no shadow/,
  ],
  [
    'I22',
    'a shadow that says something else',
    async (shop) => {
      await guarded(shop);
      await tell(shop, 'ready');
      shade(shop, budget('web-canary', 'web-canary', 2));
      shop.write({ phase: 'Progressing', since: shop.time.now, weight: 25 });
      shop.weigh(25);
    },
    /PodDisruptionBudget shop\/web has a shadow that says something else/,
  ],
  [
    'I22',
    'a shadow that goes before its twin',
    async (shop) => {
      await guarded(shop);
      await tell(shop, 'ready');
      const shadow = shade(shop, budget('web-canary', 'web-canary', 1));
      shop.write({ phase: 'Progressing', since: shop.time.now, weight: 25 });
      shop.weigh(25);
      shop.remove(leader, resources.podDisruptionBudgets, shadow);
    },
    /shop\/web-canary was deleted while the twin has 25 percent of the traffic/,
  ],
  [
    'I23',
    'a candidate for a content that never changed',
    async (shop) => {
      await tell(shop, 'over');
      trySomeContent(shop);
    },
    /shop\/web is tried with another content, and nothing that it reads ever had one/,
  ],
];
