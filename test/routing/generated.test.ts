import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { stringify } from 'yaml';
import type { RolloutSpec } from '../../src/rollout/types.ts';
import { generated, isGenerated } from '../../src/routing/generated.ts';
import { carries, split } from '../../src/routing/istio.ts';
import type { ServicePort } from '../../src/routing/types.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { virtualServiceIn, web } from './builders.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-1' };
const several = {
  ...web,
  service: {
    ...web.service,
    ports: [
      { port: 80, name: 'http' },
      { port: 6379, name: 'redis' },
      { port: 53, name: 'dns', protocol: 'UDP' },
    ],
  },
};
const gateways = ['istio-system/public'];
const hosts = ['shop.example.com'];
const cases: readonly (readonly [file: string, target: typeof web, wanted: RolloutSpec['service']])[] = [
  ['mesh', web, {}],
  ['mesh-ports', several, {}],
  ['gateway', several, { gateways, hosts, port: 80 }],
  ['both', web, { gateways: ['mesh', ...gateways], hosts }],
];
for (const [file, target, wanted] of cases) {
  test(`the generated VirtualService ${file}.yaml is as kept, and carries the Service`, () => {
    const made = generated(target, owner, wanted);
    golden(`routing/generated/${file}.yaml`, stringify(made, { lineWidth: 0, aliasDuplicateObjects: false }));
    equal(carries(made, target), true);
    equal(isGenerated(made, target), true);
    equal(split(made, target, 10).length > 0, true);
  });
}

test('a user’s VirtualService is not taken for a generated one', () => {
  equal(isGenerated(virtualServiceIn('delegate'), web), false);
});

const protocols: readonly (readonly [port: ServicePort, kind: 'http' | 'tcp'])[] = [
  [{ port: 1 }, 'http'],
  [{ port: 1, name: 'grpc-api' }, 'http'],
  [{ port: 1, name: 'tcp-api' }, 'tcp'],
  [{ port: 1, name: 'https' }, 'tcp'],
  [{ port: 1, name: 'http', appProtocol: 'tcp' }, 'tcp'],
  [{ port: 1, name: 'tcp', appProtocol: 'kubernetes.io/h2c' }, 'http'],
];
for (const [port, kind] of protocols) {
  test(`a port that says ${port.appProtocol ?? port.name ?? 'nothing'} gets a route of ${kind}`, () => {
    const made = generated({ ...web, service: { ...web.service, ports: [port] } }, owner, {});
    const spec = made['spec'] as Record<string, unknown>;
    deepEqual([kind in spec, Object.keys(spec).length], [true, 3]);
  });
}

test('no golden file of a generated VirtualService is left over', () => noStaleGolden('routing/generated'));
