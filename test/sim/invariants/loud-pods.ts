import { names } from '../../../src/kube/objects.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { annotateTwin } from './misdeeds.ts';
import { tell } from './stories.ts';
import type { Loud } from './loud.ts';

export const pods: readonly Loud[] = [
  [
    'I3',
    'a pod of the candidate in main',
    async (shop) => {
      await tell(shop, 'trial');
      shop.roll('shop:2', 1);
    },
    /ReplicaSet shop\/web-shop-2 of shop\/web grew: it runs revision \w+, which is Progressing/,
  ],
  [
    'I3',
    "main's replicas lowered",
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({}, { replicas: 3 });
    },
    /went from 4 to 3 replicas by Serin/,
  ],
  [
    'I3',
    "main's template changed",
    async (shop) => {
      await tell(shop, 'trial');
      const template = { metadata: {}, spec: { containers: [] } };
      shop.write({}, { template });
    },
    /had its template changed by Serin/,
  ],
  [
    'I3',
    'another field of main',
    async (shop) => {
      await tell(shop, 'trial');
      shop.write({}, { minReadySeconds: 5 });
    },
    /had spec.minReadySeconds changed by Serin/,
  ],
  [
    'I4',
    'a second twin',
    async (shop) => {
      await tell(shop, 'trial');
      shop.applyTwin({
        ...shop.twin,
        metadata: { ...shop.twin.metadata, name: 'web-canary-2', uid: 'another' },
      });
    },
    /has 2 twins/,
  ],
  [
    'I4',
    'a twin of a revision that never was',
    async (shop) => {
      await tell(shop, 'trial');
      annotateTwin(shop, names.revision, 'elsewhere');
    },
    /is of revision elsewhere/,
  ],
  [
    'I4',
    'a twin that is not the candidate',
    async (shop) => {
      await tell(shop, 'trial');
      const containers = [{ name: 'web', image: 'shop:7' }];
      const template = { ...objectAt(shop.twin['spec'], 'template'), spec: { containers } };
      shop.applyTwin({ ...shop.twin, spec: { ...objectAt(shop.twin, 'spec'), template } });
    },
    /does not run that revision's template/,
  ],
  [
    'I4',
    "a twin in main's selector",
    async (shop) => {
      await tell(shop, 'trial');
      await shop.pass(20_000);
      const template = { ...objectAt(shop.twin['spec'], 'template'), metadata: { labels: { app: 'web' } } };
      shop.applyTwin({ ...shop.twin, spec: { ...objectAt(shop.twin, 'spec'), template } });
    },
    /the selector of shop\/web selects the pods of its twin|Service shop\/web selects/,
  ],
];
