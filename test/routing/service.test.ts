import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { servicePorts, twinService, twinServiceName } from '../../src/routing/service.ts';
import { hash } from './builders.ts';

const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', uid: 'u-1' };
const long = 'a-name-that-uses-every-character-a-service-may-have-in-kubernetes';

test('the twin’s Service is named after the Service, cut and hashed where that is too long', () => {
  equal(twinServiceName('web', hash), 'web-canary');
  const cut = twinServiceName(long.slice(0, 63), hash);
  equal(cut, 'a-name-that-uses-every-character-a-service-may-6ec667d7-canary');
  ok(cut.length <= 63);
  ok(cut !== twinServiceName(long.slice(0, 62), hash));
});

test('the twin’s Service is the user’s without what belongs to one Service alone', () => {
  const service = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web',
      namespace: 'shop',
      uid: 'u-0',
      resourceVersion: '5',
      labels: { app: 'web', 'app.kubernetes.io/managed-by': 'Helm' },
      annotations: { 'cloud.example.com/load-balancer': 'internal' },
    },
    spec: {
      type: 'LoadBalancer',
      clusterIP: '10.0.0.7',
      clusterIPs: ['10.0.0.7'],
      externalIPs: ['192.0.2.1'],
      externalTrafficPolicy: 'Local',
      healthCheckNodePort: 31000,
      loadBalancerIP: '192.0.2.2',
      publishNotReadyAddresses: true,
      selector: { app: 'web', tier: 'front' },
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      ports: [{ name: 'http', port: 80, targetPort: 'web', nodePort: 30080, appProtocol: 'http' }],
    },
    status: { loadBalancer: {} },
  };
  deepEqual(twinService(service, 'web-canary', { app: 'web-canary' }, owner), {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: {
      name: 'web-canary',
      namespace: 'shop',
      labels: { app: 'web', 'app.kubernetes.io/managed-by': 'serin' },
      ownerReferences: [{ ...owner, controller: true }],
    },
    spec: {
      type: 'ClusterIP',
      selector: { app: 'web-canary', tier: 'front' },
      ports: [{ name: 'http', port: 80, targetPort: 'web', appProtocol: 'http' }],
      sessionAffinity: 'ClientIP',
      sessionAffinityConfig: { clientIP: { timeoutSeconds: 60 } },
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
    },
  });
});

test('the ports of a Service are those that have a number', () => {
  const ports = [
    { port: 80, targetPort: 'web', name: 'http', appProtocol: 'h2c' },
    { name: 'odd' },
    { port: 53, protocol: 'UDP' },
  ];
  deepEqual(servicePorts({ spec: { ports } }), [
    { port: 80, name: 'http', appProtocol: 'h2c' },
    { port: 53, protocol: 'UDP' },
  ]);
  deepEqual(servicePorts({}), []);
});
