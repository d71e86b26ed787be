// What kube-apiserver fills in where a manifest is silent (pkg/apis/*/v1/defaults.go), as far as anybody here looks.
import type { Resource } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isList, isObject, listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { kindKey } from './kinds.ts';

const cpuAt80: Json = [
  { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
];

/** Parts that have their defaults: what is stored comes back with every write. */
const done = new WeakSet<object>();

type Fill = (part: JsonObject) => JsonObject;

/** The object with its defaults; the same object where it has them. */
export function defaulted(resource: Resource, object: JsonObject): JsonObject {
  switch (kindKey(resource)) {
    case 'deployments.apps':
      return inSpec(object, deploymentSpec);
    case 'replicasets.apps':
      return inSpec(object, (spec) => withTemplate({ replicas: 1, ...spec }));
    case 'pods.':
      return inSpec(object, podSpec);
    case 'services.':
      return inSpec(object, serviceSpec);
    case 'namespaces.':
      return namespace(object);
    case 'horizontalpodautoscalers.autoscaling':
      return inSpec(object, (spec) => ({ minReplicas: 1, metrics: cpuAt80, ...spec }));
    case 'mutatingwebhookconfigurations.admissionregistration.k8s.io':
    case 'validatingwebhookconfigurations.admissionregistration.k8s.io':
      return withList(object, 'webhooks', webhook);
    default:
      return object;
  }
}

function namespace(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const labels = objectAt(metadata, 'labels');
  const name = textAt(metadata, 'name') ?? '';
  const spec = { finalizers: ['kubernetes'], ...objectAt(object, 'spec') };
  if (labels['kubernetes.io/metadata.name'] === name && isObject(object['spec'])) return object;
  return {
    ...object,
    metadata: { ...metadata, labels: { ...labels, 'kubernetes.io/metadata.name': name } },
    spec,
  };
}

function inSpec(object: JsonObject, fill: Fill): JsonObject {
  const { spec } = object;
  if (!isObject(spec) || done.has(spec)) return object;
  const filled = fill(spec);
  done.add(filled);
  return { ...object, spec: filled };
}

function deploymentSpec(spec: JsonObject): JsonObject {
  const strategy = objectAt(spec, 'strategy');
  const type = textAt(strategy, 'type') ?? 'RollingUpdate';
  const rolling = { maxUnavailable: '25%', maxSurge: '25%', ...objectAt(strategy, 'rollingUpdate') };
  return withTemplate({
    ...{ replicas: 1, revisionHistoryLimit: 10, progressDeadlineSeconds: 600, ...spec },
    strategy: { ...strategy, type, ...(type === 'RollingUpdate' ? { rollingUpdate: rolling } : {}) },
  });
}

function withTemplate(spec: JsonObject): JsonObject {
  const { template } = spec;
  if (!isObject(template) || done.has(template)) return spec;
  const filled = { ...template, spec: podSpec(objectAt(template, 'spec')) };
  done.add(filled);
  return { ...spec, template: filled };
}

function podSpec(spec: JsonObject): JsonObject {
  const filled: JsonObject = {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    dnsPolicy: 'ClusterFirst',
    securityContext: {},
    schedulerName: 'default-scheduler',
    ...spec,
  };
  return withList(withList(filled, 'containers', container), 'initContainers', container);
}

function container(part: JsonObject): JsonObject {
  const image = textAt(part, 'image') ?? '';
  const tag = /[:@]([^/]*)$/.exec(image)?.[1];
  const filled: JsonObject = {
    resources: {},
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: tag === undefined || tag === 'latest' ? 'Always' : 'IfNotPresent',
    ...part,
  };
  const ported = withList(filled, 'ports', (port) => ({ protocol: 'TCP', ...port }));
  return ['livenessProbe', 'readinessProbe', 'startupProbe'].reduce(
    (each, key) => (isObject(each[key]) ? { ...each, [key]: probe(each[key]) } : each),
    ported,
  );
}

function probe(part: JsonObject): JsonObject {
  const { httpGet } = part;
  return {
    ...{ timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3, ...part },
    ...(isObject(httpGet) ? { httpGet: { path: '/', scheme: 'HTTP', ...httpGet } } : {}),
  };
}

function serviceSpec(spec: JsonObject): JsonObject {
  const filled: JsonObject = {
    type: 'ClusterIP',
    sessionAffinity: 'None',
    internalTrafficPolicy: 'Cluster',
    ipFamilies: ['IPv4'],
    ipFamilyPolicy: 'SingleStack',
    ...spec,
  };
  return withList(filled, 'ports', (port) => ({
    protocol: 'TCP',
    targetPort: port['port'] ?? null,
    ...port,
  }));
}

function webhook(part: JsonObject): JsonObject {
  const filled: JsonObject = {
    ...{ failurePolicy: 'Fail', matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {} },
    ...{ timeoutSeconds: 10, reinvocationPolicy: 'Never', ...part },
  };
  const client = objectAt(filled, 'clientConfig');
  const { service } = client;
  const clientConfig = isObject(service) ? { ...client, service: { port: 443, ...service } } : client;
  return withList({ ...filled, clientConfig }, 'rules', (rule) => ({ scope: '*', ...rule }));
}

/** The object with each part of a list filled; untouched where there is no such list. */
function withList(object: JsonObject, key: string, fill: Fill): JsonObject {
  if (!isList(object[key])) return object;
  const list: Json[] = listAt(object, key).map((part) => (isObject(part) ? fill(part) : part));
  return { ...object, [key]: list };
}
