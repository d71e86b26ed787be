import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { resources } from '../src/kube/objects.ts';
import { verbs } from '../src/rollout/command.ts';
import type { JsonObject } from '../src/rollout/types.ts';
import { without } from '../src/routing/json.ts';
import { all, files, parsed, text, the } from './rig/manifests.ts';

// What kubectl and kube-apiserver make of these files is seen in test/cluster/manifests.test.ts.
const pod = the('Deployment').spec.template;

test('every file of the base is applied', () => {
  const kustomization = parse(text('manifests/base/kustomization.yaml')) as { resources: string[] };
  deepEqual(kustomization.resources.toSorted(), files.toSorted());
});

test('Serin may do this and nothing else', () => {
  const lines = ['ClusterRole', 'Role'].flatMap((kind) =>
    the(kind, 'serin').rules.map((rule) =>
      [kind, rule.apiGroups, rule.resources, rule.resourceNames ?? '(any)', rule.verbs]
        .map(String)
        .join(' | '),
    ),
  );
  deepEqual(lines, [
    'ClusterRole | apps | deployments | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | apps | deployments/status | (any) | patch',
    'ClusterRole | apps | deployments/scale | (any) | patch',
    'ClusterRole | apps | replicasets | (any) | list',
    'ClusterRole |  | services | (any) | get,list,watch,create,patch,delete',
    'ClusterRole |  | pods | (any) | list',
    'ClusterRole |  | configmaps | serin | get,list,watch',
    'ClusterRole |  | configmaps | (any) | list,watch',
    'ClusterRole |  | events | (any) | get,create,patch',
    'ClusterRole |  | namespaces | (any) | list,watch',
    'ClusterRole | autoscaling | horizontalpodautoscalers | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | keda.sh | scaledobjects | (any) | get,list,create,patch,delete',
    'ClusterRole | networking.k8s.io | networkpolicies | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | policy | poddisruptionbudgets | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | security.istio.io | authorizationpolicies,peerauthentications,requestauthentications | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | monitoring.coreos.com | podmonitors | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | networking.istio.io | destinationrules | (any) | list,create,patch,delete',
    'ClusterRole | networking.istio.io | virtualservices | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | gateway.networking.k8s.io | httproutes,grpcroutes | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | flagger.app | metrictemplates | (any) | get',
    'ClusterRole | authorization.k8s.io | subjectaccessreviews | (any) | create',
    'ClusterRole | admissionregistration.k8s.io | mutatingwebhookconfigurations,validatingwebhookconfigurations | serin | get,list,watch,patch',
    'ClusterRole | admissionregistration.k8s.io | mutatingadmissionpolicies | (any) | list',
    'Role | coordination.k8s.io | leases | (any) | create',
    'Role | coordination.k8s.io | leases | serin | get,patch',
    'Role |  | configmaps | (any) | create',
    'Role |  | configmaps | serin | patch',
    'Role |  | secrets | (any) | create',
    'Role |  | secrets | serin-certs | get,list,watch,patch',
    'Role |  | secrets | serin-config | get',
    'Role |  | secrets | serin-prometheus | get',
  ]);
});

test('a change of a Secret is a release only where its overlay was installed', () => {
  const [role] = parsed('manifests/secret-releases/cluster-role.yaml');
  deepEqual(role?.['rules'], [{ apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch'] }]);
});

test('every kind that Serin knows is in its rules, and none but these', () => {
  const granted = ['ClusterRole', 'Role'].flatMap((kind) =>
    the(kind, 'serin').rules.flatMap((rule) =>
      rule.resources.map((plural) => `${rule.apiGroups[0]}/${plural}`),
    ),
  );
  const known = Object.values(resources).map(({ group, plural }) => `${group}/${plural}`);
  // A question, and nothing that is kept.
  known.push('authorization.k8s.io/subjectaccessreviews');
  deepEqual(
    [...new Set(granted.filter((name) => name.split('/').length === 2))].toSorted(),
    known.toSorted(),
  );
});

test('who may edit may keep a candidate back; to go on without evidence is given by name, and to bypass in no role', () => {
  const [edit, operator] = ['serin-edit', 'serin-operator'].map((name) => the('ClusterRole', name));
  const rule = (which: readonly string[]): object => {
    return { apiGroups: ['serin.dev'], resources: ['deployments'], verbs: which };
  };
  deepEqual(edit?.rules, [rule(['abort', 'pause', 'resume'])]);
  deepEqual(operator?.rules, [rule(verbs)]);
  const aggregated = all('ClusterRole').filter(({ metadata }) => metadata.labels !== undefined);
  deepEqual(
    aggregated.map(({ metadata }) => [metadata.name, metadata.labels]),
    [['serin-edit', { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' }]],
  );
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

test('a namespace lets Serin read the one Secret that it labelled for metrics, and no other', () => {
  const [secret, role, binding] = parsed('manifests/examples/metric-secrets.yaml');
  equal(secret?.metadata.labels?.['serin.dev/metrics'], 'true');
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
