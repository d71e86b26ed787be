// Webhooks that observations serve.
import { kinds } from '../../sim/api/kinds.ts';
import { objectAt } from '../../../src/routing/json.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import type { Cluster, Said } from '../cluster.ts';

const { configMaps, mutatingWebhooks, validatingWebhooks } = kinds;

type Decide = (request: JsonObject) => JsonObject | 'silent' | 'nonsense' | 'error';

export const allow: JsonObject = { allowed: true };
export const patching = (...ops: JsonObject[]): JsonObject => ({
  allowed: true,
  patchType: 'JSONPatch',
  patch: Buffer.from(JSON.stringify(ops)).toString('base64'),
});

interface Hook {
  readonly decide: Decide;
  /** Fields of the webhook. */
  readonly more?: JsonObject;
  readonly isValidating?: boolean;
}

/** Serves webhooks, one after another, for ConfigMaps of the namespace; answers every review that came, with its path. */
export async function hooked(cluster: Cluster, ...hooks: readonly Hook[]): Promise<readonly JsonObject[]> {
  const reviews: JsonObject[] = [];
  const clientConfig = await cluster.serveWebhook(async (review) => {
    const request = objectAt(review, 'request');
    const name = Number(objectAt(objectAt(request, 'object'), 'metadata')['hook'] ?? 0);
    reviews.push(request);
    const said = hooks[name]?.decide(request) ?? allow;
    if (said === 'silent') return undefined;
    if (said === 'nonsense') return { status: 200, body: 'hello' };
    if (said === 'error') return { status: 500, body: 'broken' };
    const response = { uid: request['uid'] ?? '', ...said };
    return {
      status: 200,
      body: JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response }),
    };
  });
  const [hook] = hooks;
  const webhook = {
    name: 'hook.e.example',
    clientConfig,
    rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['*'], resources: ['configmaps'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': cluster.namespace } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
    timeoutSeconds: 1,
    ...hook?.more,
  };
  await cluster.create(hook?.isValidating === true ? validatingWebhooks : mutatingWebhooks, {
    metadata: { name: cluster.namespace },
    webhooks: [webhook],
  });
  // kube-apiserver learns of a configuration by a watch of its own.
  await cluster.until('the webhook to be asked', async () => {
    await cluster.ask({
      ...{ verb: 'create', resource: configMaps, query: { dryRun: 'All' } },
      body: { metadata: { name: 'probe', labels: { probe: 'yes' } } },
    });
    return reviews.length > 0;
  });
  reviews.length = 0;
  return reviews;
}

/** Decides as told, but lets the probe through, by which it is found out that the webhook is asked. */
export const unlessProbe =
  (decide: Decide): Decide =>
  (request) =>
    objectAt(objectAt(request, 'object'), 'metadata')['name'] === 'probe' ? allow : decide(request);

export const create = (cluster: Cluster, name = 'a', labels: JsonObject = {}): Promise<Said> =>
  cluster.ask({ verb: 'create', resource: configMaps, body: { metadata: { name, labels } } });

export const note = (value: Json): JsonObject => ({
  op: 'add',
  path: '/metadata/annotations',
  value: { note: value },
});
