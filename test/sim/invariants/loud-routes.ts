import { resources } from '../../../src/kube/objects.ts';
import { withDestination, withRoute } from './misdeeds.ts';
import { leader } from './small-shop.ts';
import { tell } from './stories.ts';
import type { Loud } from './loud.ts';

export const routes: readonly Loud[] = [
  [
    'I1',
    'another field of the route',
    async (shop) => {
      await tell(shop, 'trial');
      shop.editRoute(withRoute(shop, (route) => ({ ...route, timeout: '1s' })));
    },
    /VirtualService shop\/shop without the split .*timeout was "10s", is "1s"/,
  ],
  [
    'I1',
    'a label',
    async (shop) => {
      await tell(shop, 'trial');
      shop.editRoute({ ...shop.route, metadata: { ...shop.route.metadata, labels: { by: 'serin' } } });
    },
    /\.labels\.by came/,
  ],
  [
    'I1',
    'weights that do not sum',
    async (shop) => {
      await tell(shop, 'trial');
      shop.editRoute(withDestination(shop, 1, { weight: 20 }));
    },
    /route\[1\] has 20 beside 75|without the split/,
  ],
  [
    'I1',
    'a twin with a subset of its own port',
    async (shop) => {
      await tell(shop, 'trial');
      shop.editRoute(
        withDestination(shop, 1, { destination: { host: 'web-canary', port: { number: 8080 } } }),
      );
    },
    /differs from the destination it stands beside/,
  ],
  [
    'I1',
    "an owner's VirtualService deleted",
    async (shop) => {
      await tell(shop, 'trial');
      shop.remove(leader, resources.virtualServices, shop.route);
    },
    /was deleted and is its owner's/,
  ],
  [
    'I2',
    'weight on a twin without pods',
    async (shop) => {
      await tell(shop, 'starting');
      shop.write({ phase: 'Progressing', weight: 25 });
      shop.weigh(25);
    },
    /gives 25 percent to the twin of shop\/web, which has no ready pod/,
  ],
  [
    'I2',
    'more weight than the pods carry',
    async (shop) => {
      await tell(shop, 'ready');
      shop.write({ phase: 'Progressing', weight: 50 });
      shop.weigh(50);
    },
    /gives 50 percent to 1 ready pods of the twin, where 4 carry all/,
  ],
  [
    'I2',
    'weight on a Service that is not there',
    async (shop) => {
      await tell(shop, 'ready');
      const service = shop.get(resources.services, 'shop', 'web-canary');
      if (service !== undefined) shop.remove(leader, resources.services, service);
      shop.write({ phase: 'Progressing', weight: 25 });
      shop.weigh(25);
    },
    /Service shop\/web-canary, which is not there/,
  ],
  [
    'I2',
    'weight on an image that never starts',
    async (shop) => {
      shop.behaviours.set('shop:2', { start: 'crash' });
      await tell(shop, 'trial');
    },
    /image shop:2, which never starts \(crash\)/,
  ],
  [
    'I2',
    'a twin shrunk under its weight',
    async (shop) => {
      await tell(shop, 'shifted');
      shop.grow(1);
    },
    /went from 4 to 1 replicas while the routes give it 100 percent/,
  ],
  [
    'I2',
    'a twin deleted under its weight',
    async (shop) => {
      await tell(shop, 'trial');
      shop.removeTwin();
    },
    /was deleted while the routes give it 25 percent/,
  ],
  [
    'I2',
    'a twin deleted before its requests have ended',
    async (shop) => {
      await tell(shop, 'trial');
      shop.weigh(0);
      await shop.pass(1_000);
      shop.removeTwin();
    },
    /deleted 1000 ms after its traffic was taken away/,
  ],
  [
    'I2',
    'weight given back to a main that cannot carry it',
    async (shop) => {
      await tell(shop, 'rolled');
      shop.roll('shop:2', 1);
      await shop.pass(30_000);
      shop.write({ weight: 0 });
      shop.weigh(0);
    },
    /gives 100 percent back to 1 ready pods of shop\/web, of 4/,
  ],
];
