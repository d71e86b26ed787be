// The door on a real kube-apiserver: what each fault of ours does to who asked, under both failure policies.
import { equal, rejects } from 'node:assert/strict';
import { after, test } from 'node:test';
import { manifestOf } from '../clients/objects.ts';
import { faults } from '../door/faults.ts';
import { createFaulty } from '../door/faulty.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { controlPlaneTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared: binaries } = await enterNamespace(() => toolchain(controlPlaneTools));
const plane = await startControlPlane({ stateDir, binaries });
after(() => plane.stop());
const { api } = plane;

const webhookUrl = '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations';
const faulty = await createFaulty();
after(() => faulty.close());

for (const policy of ['Fail', 'Ignore'] as const) {
  const namespace = policy.toLowerCase();
  await api.create('/api/v1/namespaces', { metadata: { name: namespace } });
  const webhooks = faults.map(({ name, path, unasked }) => ({
    name: `${namespace}.door.test`,
    clientConfig: {
      url: `${unasked === 'nobody listens' ? 'https://127.0.0.1:9' : faulty.url}${path}`,
      caBundle: unasked === 'not trusted' ? faulty.otherBundle : faulty.caBundle,
    },
    rules: [{ apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'], operations: ['CREATE'] }],
    objectSelector: { matchLabels: { row: name } },
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    ...{ failurePolicy: policy, timeoutSeconds: 1, sideEffects: 'None', admissionReviewVersions: ['v1'] },
  }));
  for (const [index, webhook] of webhooks.entries())
    await api.create(webhookUrl, { metadata: { name: `${namespace}-${index}` }, webhooks: [webhook] });
}
for (const policy of ['Fail', 'Ignore'] as const) {
  const namespace = policy.toLowerCase();
  for (const { fault, name, unasked, withFail, withIgnore } of faults) {
    const told = policy === 'Fail' ? withFail : withIgnore;
    test(`${fault}, with ${policy}: ${told === undefined ? 'it goes on without us' : 'refused'}`, async () => {
      const create = (): Promise<unknown> =>
        api.create(
          `/apis/apps/v1/namespaces/${namespace}/deployments?dryRun=All`,
          manifestOf(name, 'shop:1'),
        );
      const before = faulty.called(name);
      if (told === undefined) await create();
      else await rejects(create(), (error: Error) => error.message.replaceAll('\\"', '"').includes(told));
      equal(faulty.called(name) > before, unasked === undefined);
    });
  }
}
