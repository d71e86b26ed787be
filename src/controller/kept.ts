// What the copies keep of an object: of the kinds there are many of, no more than a look reads.
import { bareSpec, configRefs } from '../config/config-refs.ts';
import { configOf } from '../config/config-seen.ts';
import { templateOf } from '../kube/deployment.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { listAt, objectAt, textAt } from '../routing/json.ts';
import { groupName, groupOf } from './group.ts';
import { isIdle } from './idle.ts';

/** The whole object once more, as kubectl applied it. */
const lastApplied = 'kubectl.kubernetes.io/last-applied-configuration';

type Project = (object: KubeObject) => KubeObject;

/** By the plural of the kind; a kind that is not here is kept whole. */
export const kept: Readonly<Record<string, Project>> = {
  deployments: keptDeployment,
  services: keptSpec,
  networkpolicies: keptSpec,
  poddisruptionbudgets: keptSpec,
  destinationrules: keptSpec,
  horizontalpodautoscalers: (scaler) => ({
    metadata: keptMetadata(scaler),
    spec: { scaleTargetRef: objectAt(scaler['spec'], 'scaleTargetRef') },
  }),
  namespaces: (namespace) => ({ metadata: keptMetadata(namespace) }),
  virtualservices: (route) => ({ ...route, metadata: { ...route.metadata, managedFields: [] } }),
};

function keptSpec(object: KubeObject): KubeObject {
  return { metadata: keptMetadata(object), spec: object['spec'] ?? {} };
}

/** A Deployment without a rollout is one of thousands: what is behind a Service is all that is asked of it. */
function keptDeployment(deployment: KubeObject): KubeObject {
  const { metadata } = deployment;
  if (!isIdle(deployment) || names.twinOf in (metadata.annotations ?? {}))
    return { ...deployment, metadata: { ...metadata, managedFields: managers(deployment) } };
  const spec = objectAt(deployment, 'spec');
  const template = objectAt(objectAt(spec, 'template'), 'metadata');
  const state = metadata.annotations?.[names.state];
  const refs = configRefs(templateOf(deployment));
  const mark = configOf(templateOf(deployment));
  const known = [names.configSeen, ...(refs.length === 0 ? [] : [names.canary])];
  const group = groupOf(deployment);
  return {
    metadata: {
      ...identityOf(deployment),
      annotations: {
        ...(state === undefined ? {} : { [names.state]: state }),
        ...(group === undefined ? {} : { [groupName]: group }),
        ...Object.fromEntries(known.flatMap((name) => textsOf(deployment, name))),
      },
    },
    spec: {
      ...(spec['replicas'] === undefined ? {} : { replicas: spec['replicas'] }),
      template: {
        metadata: {
          labels: objectAt(template, 'labels'),
          ...(mark === undefined ? {} : { annotations: { [names.config]: mark } }),
        },
        ...(refs.length === 0 ? {} : { spec: bareSpec(refs) }),
      },
    },
  };
}

function textsOf({ metadata }: KubeObject, name: string): readonly (readonly [string, string])[] {
  const text = metadata.annotations?.[name];
  return text === undefined ? [] : [[name, text]];
}

function keptMetadata(object: KubeObject): KubeObject['metadata'] {
  const { labels, annotations = {} } = object.metadata;
  const { [lastApplied]: _, ...notes } = annotations;
  return {
    ...identityOf(object),
    ...(labels === undefined ? {} : { labels }),
    ...(Object.keys(notes).length === 0 ? {} : { annotations: notes }),
    ...(names.twinOf in notes ? { managedFields: managers(object) } : {}),
  };
}

function identityOf({ metadata }: KubeObject): KubeObject['metadata'] {
  const { name, uid, resourceVersion, namespace, generation } = metadata;
  const more = ['creationTimestamp', 'deletionTimestamp', 'ownerReferences'].flatMap((key) => {
    const value = (metadata as JsonObject)[key];
    return value === undefined ? [] : [[key, value] as const];
  });
  return {
    ...{ name, uid, resourceVersion },
    ...(namespace === undefined ? {} : { namespace }),
    ...(generation === undefined ? {} : { generation }),
    ...Object.fromEntries(more),
  };
}

/** Who wrote it last when; what of it is of no use. */
function managers({ metadata }: KubeObject): readonly Json[] {
  return listAt(metadata, 'managedFields').map((entry) => ({
    manager: textAt(entry, 'manager') ?? '',
    time: textAt(entry, 'time') ?? '',
  }));
}
