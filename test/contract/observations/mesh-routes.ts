// What a mesh does with routes, Services and pods.
import { kinds } from '../../sim/api/kinds.ts';
import type { MeshCluster, Observation } from '../cluster.ts';
import { answersOf, hostOf, onlyTo, rerouted, scale, scaling, shopWith, to, total } from './mesh-shop.ts';

export const meshRoutes: readonly Observation<MeshCluster>[] = [
  {
    says: 'a route with one destination gives it everything, without a weight and with weight 0',
    scenario: async (cluster) => [
      await answersOf(cluster, onlyTo({ host: 'web' })),
      await rerouted(cluster, { route: [to('web-canary', { weight: 0 })] }),
    ],
    expected: [['200 web'], ['200 web-canary']],
  },
  {
    says: 'weights of 100 and 0 are exact, and a destination without a weight beside one with gets nothing',
    scenario: async (cluster) => [
      await answersOf(cluster, { route: [to('web', { weight: 100 }), to('web-canary', { weight: 0 })] }),
      await rerouted(cluster, { route: [to('web'), to('web-canary', { weight: 100 })] }),
    ],
    expected: [['200 web'], ['200 web-canary']],
  },
  {
    says: 'weights are shares of their sum, whatever that is',
    scenario: async (cluster) => {
      await shopWith(cluster, { route: [to('web', { weight: 30 }), to('web-canary', { weight: 10 })] });
      const counts = await cluster.send(hostOf(cluster), 100, 10);
      const share = (counts['200 web-canary'] ?? 0) / total(counts);
      // Six standard deviations of a thousand requests.
      return [Object.keys(counts).sort(), share > 0.17 && share < 0.33 ? 'a quarter' : share];
    },
    expected: [['200 web', '200 web-canary'], 'a quarter'],
  },
  {
    says: 'a destination is found by its short and by its full name, but not by `name.namespace` or `name.namespace.svc`',
    scenario: async (cluster) => {
      const { namespace } = cluster;
      return [
        await answersOf(cluster, onlyTo({ host: `web.${namespace}.svc.cluster.local` })),
        await rerouted(cluster, onlyTo({ host: `web.${namespace}` })),
        await rerouted(cluster, onlyTo({ host: `web.${namespace}.svc` })),
      ];
    },
    expected: [['200 web'], ['503 -'], ['503 -']],
  },
  {
    says: 'a Service that is not there, a port it does not have and a subset nobody defines are answered 503',
    scenario: async (cluster) => [
      await answersOf(cluster, onlyTo({ host: 'gone' })),
      await rerouted(cluster, onlyTo({ host: 'web', port: { number: 81 } })),
      await rerouted(cluster, onlyTo({ host: 'web', subset: 'v1' })),
    ],
    expected: [['503 -'], ['503 -'], ['503 -']],
  },
  {
    says: 'a Service without a pod is answered 503',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      await scale(cluster, 0);
      return Object.keys(await cluster.send(hostOf(cluster), 50, 1));
    },
    expected: ['503 -'],
  },
  {
    says: 'a subset is the pods with its labels; without such pods it is answered 503',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      await cluster.create(kinds.destinationRules, {
        apiVersion: 'networking.istio.io/v1',
        kind: 'DestinationRule',
        metadata: { name: 'web' },
        spec: {
          host: 'web',
          subsets: [
            { name: 'all', labels: { app: 'web' } },
            { name: 'none', labels: { app: 'none' } },
          ],
        },
      });
      await cluster.pass(1000);
      return [
        await rerouted(cluster, onlyTo({ host: 'web', subset: 'all' })),
        await rerouted(cluster, onlyTo({ host: 'web', subset: 'none' })),
      ];
    },
    expected: [['200 web'], ['503 -']],
  },
  {
    says: 'of several routes the first is taken whose match holds',
    scenario: (cluster) =>
      answersOf(
        cluster,
        { match: [{ headers: { 'x-canary': { exact: 'always' } } }], ...onlyTo({ host: 'web-canary' }) },
        { match: [{ uri: { exact: '/cart' } }], ...onlyTo({ host: 'gone' }) },
        { match: [{ uri: { exact: '/cart' } }, { uri: { prefix: '/' } }], ...onlyTo({ host: 'web' }) },
        onlyTo({ host: 'web-canary' }),
      ),
    expected: ['200 web'],
  },
  {
    says: 'what matches no route, and a host whose VirtualService is gone, is answered 404',
    scenario: async (cluster) => {
      const matched = { match: [{ uri: { exact: '/cart' } }], ...onlyTo({ host: 'web' }) };
      const unmatched = await answersOf(cluster, matched);
      await cluster.ask({ verb: 'delete', resource: kinds.virtualServices, name: 'shop' });
      await cluster.pass(1000);
      return [unmatched, Object.keys(await cluster.send(hostOf(cluster), 50, 1))];
    },
    expected: [['404 -'], ['404 -']],
  },
  {
    says: 'a mirror answers nobody',
    scenario: (cluster) => answersOf(cluster, { ...onlyTo({ host: 'web' }), mirror: { host: 'web-canary' } }),
    expected: ['200 web'],
  },
  {
    says: 'no request is lost where pods come and go while another is there',
    scenario: async (cluster) => {
      await shopWith(cluster, onlyTo({ host: 'web' }));
      for (const replicas of [3, 1, 2]) {
        await cluster.ask(scaling(replicas));
        const answers = Object.keys(await cluster.send(hostOf(cluster), 50, 4));
        if (answers.join() !== '200 web') return answers;
      }
      return 'none';
    },
    expected: 'none',
  },
];
