// What a DestinationRule says of main's Service, the gateway goes by when it calls the twin.
import { deepEqual } from 'node:assert/strict';
import { after, test } from 'node:test';
import { clusterAt } from '../rig/envoy.ts';
import { until } from '../rig/processes.ts';
import { patient } from '../rig/shop-lab.ts';
import { nobodyLost, openStreet } from '../rig/street.ts';

const street = await openStreet();
after(() => street.close());

test('the twin is called with the pools and outliers of the rule for main, as long as there is one', async () => {
  const spec = {
    host: 'web',
    trafficPolicy: {
      connectionPool: { tcp: { maxConnections: 77 } },
      outlierDetection: { consecutive5xxErrors: 9 },
    },
  };
  const rule = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'DestinationRule',
    metadata: { name: 'web' },
    spec,
  };
  const analysis = { interval: '3s', stepWeights: [50, 60, 70], metrics: [] };
  const shop = await street.open(
    'called',
    { analysis },
    { prepare: (opening) => opening.does('create -f -', JSON.stringify(rule)) },
  );
  await shop.does('set image deployment/web web=shop:2');

  const told = await until(
    'the gateway to know the twin',
    async () => clusterAt('outbound|80||web-canary.called.svc.cluster.local'),
    patient,
  );
  deepEqual(told, await clusterAt('outbound|80||web.called.svc.cluster.local'));
  deepEqual(told, { maxConnections: 77, consecutive5xx: 9 });
  deepEqual((await shop.ends()).phase, 'Succeeded');
  const { stdout } = await shop.does('get destinationrules -o name');
  deepEqual(stdout.trim(), 'destinationrule.networking.istio.io/web');
  await nobodyLost(shop.visitors);
});
