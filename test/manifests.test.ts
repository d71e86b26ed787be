import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import type { JsonObject } from '../src/rollout/types.ts';
import { without } from '../src/routing/json.ts';
import { files, parsed, text, the } from './rig/manifests.ts';

// What kubectl and kube-apiserver make of these files is seen in test/cluster/manifests.test.ts.
const pod = the('Deployment').spec.template;

test('every file of the base is applied', () => {
  const kustomization = parse(text('manifests/base/kustomization.yaml')) as { resources: string[] };
  deepEqual(kustomization.resources.toSorted(), files.toSorted());
});

test('both roles are bound to the one service account', () => {
  const { name, namespace } = the('ServiceAccount').metadata;
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  deepEqual(the('ClusterRoleBinding').subjects, subjects);
  deepEqual(the('RoleBinding').subjects, subjects);
  equal(pod.spec['serviceAccountName'], name);
});

test('webhook and controller are two containers of one image, and neither can do more than run', () => {
  const kustomization = parse(text('manifests/base/kustomization.yaml')) as { images: { name: string }[] };
  deepEqual(
    pod.spec.containers.map(({ name, image, args }) => ({ name, image, verb: args[0] })),
    [
      { name: 'webhook', image: 'serin', verb: 'webhook' },
      { name: 'controller', image: 'serin', verb: 'controller' },
    ],
  );
  deepEqual(
    kustomization.images.map((image) => image.name),
    ['serin'],
  );
  deepEqual(pod.spec['securityContext'], {
    runAsNonRoot: true,
    runAsUser: 65_532,
    runAsGroup: 65_532,
    seccompProfile: { type: 'RuntimeDefault' },
  });
  for (const container of pod.spec.containers) {
    deepEqual(container.securityContext, {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    deepEqual(Object.keys(container.resources.requests), ['cpu', 'memory']);
    deepEqual(Object.keys(container.resources.limits), ['memory']);
  }
  equal(the('Namespace').metadata.labels?.['pod-security.kubernetes.io/enforce'], 'restricted');
});

test('each probe asks a port of its own container', () => {
  const asked = pod.spec.containers.map((container) =>
    [container.startupProbe, container.livenessProbe, container.readinessProbe].map(({ httpGet }) => {
      const port = container.ports.find(({ name }) => name === httpGet.port);
      return `${httpGet.scheme ?? 'HTTP'} ${port?.containerPort}${httpGet.path}`;
    }),
  );
  deepEqual(asked, [
    ['HTTPS 8443/healthz', 'HTTPS 8443/healthz', 'HTTPS 8443/readyz'],
    ['HTTP 8080/healthz', 'HTTP 8080/healthz', 'HTTP 8080/readyz'],
  ]);
});

test('two replicas, of which no drain and no update takes both', () => {
  equal(the('Deployment').spec.replicas, 2);
  deepEqual(the('Deployment').spec['strategy'], { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } });
  equal(the('PodDisruptionBudget').spec['minAvailable'], 1);
});

test('everything that selects the pods selects them', () => {
  const selectors = [
    the('Deployment').spec.selector.matchLabels,
    the('PodDisruptionBudget').spec.selector.matchLabels,
    the('Service').spec.selector,
    the('NetworkPolicy').spec.podSelector.matchLabels,
  ];
  for (const selector of selectors) deepEqual({ ...pod.metadata.labels, ...selector }, pod.metadata.labels);
});

const watched = {
  matchExpressions: [
    { key: 'serin.dev/mode', operator: 'In', values: ['canary', 'enforce'] },
    { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'serin-system'] },
  ],
};

/** A gateway's routes may stand in a namespace of their own. */
const notOurOwn = { matchExpressions: watched.matchExpressions.slice(1) };
const routeRules = [
  { apiGroups: ['networking.istio.io'], resources: ['virtualservices'] },
  { apiGroups: ['gateway.networking.k8s.io'], resources: ['httproutes', 'grpcroutes'] },
].map((rule) => ({ ...rule, apiVersions: ['*'], operations: ['UPDATE'], scope: 'Namespaced' }));

test('the webhook is called for Deployments of labelled namespaces and for routes, and lets by but where nothing else stands guard', () => {
  const shared = {
    clientConfig: { service: { namespace: 'serin-system', name: 'serin-webhook', path: '/mutate' } },
    admissionReviewVersions: ['v1'],
    namespaceSelector: watched,
    matchPolicy: 'Equivalent',
    sideEffects: 'None',
    timeoutSeconds: 5,
  };
  const rule = { apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], scope: 'Namespaced' };
  deepEqual(
    the('MutatingWebhookConfiguration').webhooks.map((webhook) =>
      without(webhook as unknown as JsonObject, 'matchConditions'),
    ),
    [
      {
        ...{ ...shared, name: 'foreign-state.serin.dev', rules: [{ ...rule, operations: ['UPDATE'] }] },
        ...{ reinvocationPolicy: 'Never', failurePolicy: 'Fail' },
      },
      {
        ...{ ...shared, name: 'hold.serin.dev', rules: [{ ...rule, operations: ['CREATE', 'UPDATE'] }] },
        ...{ reinvocationPolicy: 'IfNeeded', failurePolicy: 'Ignore' },
      },
      {
        ...{ ...shared, name: 'routes.serin.dev', rules: routeRules, namespaceSelector: notOurOwn },
        ...{ reinvocationPolicy: 'IfNeeded', failurePolicy: 'Ignore' },
      },
    ],
  );
});

test('the webhook is called by the Service, at the port that serves it', () => {
  const service = the('Service');
  const called = the('MutatingWebhookConfiguration').webhooks[0]?.clientConfig.service;
  deepEqual([called?.namespace, called?.name], [service.metadata.namespace, service.metadata.name]);
  const [port] = service.spec.ports;
  // 443 is where kube-apiserver calls when the webhook names no port.
  equal(port?.port, 443);
  deepEqual(pod.spec.containers[0]?.ports, [{ name: port.targetPort, containerPort: 8443 }]);
});

test('the image runs on the Node that the tests run on, as the user the pod asks for, from where npm builds', () => {
  const dockerfile = text('Dockerfile');
  const { devDependencies, bin } = JSON.parse(text('package.json')) as {
    devDependencies: { node: string };
    bin: { serin: string };
  };
  match(dockerfile, new RegExp(`^ARG NODE=node:${devDependencies.node}-slim$`, 'm'));
  match(dockerfile, new RegExp(`^ENTRYPOINT \\["node", "/app/${bin.serin}"\\]$`, 'm'));
  match(dockerfile, /^USER 65532:65532$/m);
});

for (const use of ['metric', 'message'] as const)
  test(`a namespace lets Serin read the one Secret that it labelled for ${use}s, and no other`, () => {
    const [secret, role, binding] = parsed(`manifests/examples/${use}-secrets.yaml`);
    equal(secret?.metadata.labels?.[`serin.dev/${use}s`], 'true');
    deepEqual(role?.rules, [
      { apiGroups: [''], resources: ['secrets'], resourceNames: [secret.metadata.name], verbs: ['get'] },
    ]);
    deepEqual(binding?.subjects, the('RoleBinding').subjects);
    for (const each of [role, binding]) equal(each?.metadata.namespace, secret.metadata.namespace);
  });

test('the example is a plain shop in a labelled namespace', () => {
  const shop = parsed('manifests/examples/shop.yaml');
  deepEqual(
    shop.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    [
      'Namespace shop',
      'Deployment web',
      'Service web',
      'Gateway shop',
      'VirtualService shop',
      'HorizontalPodAutoscaler web',
    ],
  );
  equal(shop[0]?.metadata.labels?.['serin.dev/mode'], 'canary');
});
