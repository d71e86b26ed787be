// The chart by Helm 3 and 4 on a real control plane: what it installs is what `kubectl apply -k` installs, an upgrade and a
// rollback leave alone what Serin keeps, and after an uninstall, in the middle of a rollout, nothing of Serin is left.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { KubeObject } from '../../src/kube/objects.ts';
import { objectAt, textAt } from '../../src/routing/json.ts';
import { golden, noStaleGolden } from '../golden.ts';
import type { ApiObject } from '../rig/api.ts';
import { startControlPlane } from '../rig/control-plane.ts';
import { findIstioCrds } from '../rig/istio-crds.ts';
import { startKubelet } from '../rig/kubelet.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { openPlainShop, service, virtualService } from '../rig/plain-shop.ts';
import { attempt } from '../rig/run-program.ts';
import { imageIn } from '../rig/shop-client.ts';
import { controlPlaneTools, helmTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  binaries: await toolchain([...controlPlaneTools, ...helmTools]),
  crds: await findIstioCrds(),
}));
const plane = await startControlPlane({ stateDir, binaries: prepared.binaries });
const kubelet = await startKubelet(plane);
after(async () => {
  await kubelet.stop();
  await plane.stop();
});

const manifests = join(import.meta.dirname, '../../manifests');
const namespace = 'serin-system';

async function kubectl(line: string, input?: string): Promise<string> {
  const { code, stdout, stderr } = await plane.kubectl(line.split(' '), input === undefined ? {} : { input });
  equal(code, 0, `kubectl ${line}: ${stderr}`);
  return stdout;
}
await kubectl(`apply --server-side -f ${prepared.crds}`);

/** What stands behind an object beside its labels, and where it is not the namespace itself, which is made beforehand. */
function objectsIn(yaml: string): ReadonlyMap<string, unknown> {
  const objects = parseAllDocuments(yaml).flatMap((document) => (document.toJS() as KubeObject | null) ?? []);
  return new Map(
    objects.map(({ metadata, ...rest }) => [
      `${textAt(rest, 'kind')} ${metadata.name}`,
      JSON.parse(
        JSON.stringify({ ...rest, namespace: metadata.namespace }).replaceAll(
          '"imagePullPolicy":"IfNotPresent",',
          '',
        ),
      ),
    ]),
  );
}

const values = '--set prometheus.url=http://127.0.0.1:9090 --set controller.settle=1s';
const secretData = async (): Promise<unknown> =>
  (await plane.api.get<ApiObject & { data: unknown }>(`/api/v1/namespaces/${namespace}/secrets/serin-certs`))
    .data;

for (const major of ['helm3', 'helm4'] as const) {
  const tried = (line: string) =>
    attempt(prepared.binaries[major], line.split(' '), {
      env: { KUBECONFIG: plane.kubeconfigPath, HOME: stateDir, PATH: process.env['PATH'] ?? '' },
    });
  const helm = async (line: string): Promise<string> => {
    const { code, stdout, stderr } = await tried(line);
    equal(code, 0, `helm ${line}: ${stdout}${stderr}`);
    return stdout;
  };

  test(`${major}: every mistake in the values is told, with what would be right`, async () => {
    const wrong = '--set replica=3 --set logLevel=loud --set prometheus.url=prometheus:9090';
    const { code, stderr } = await tried(`template serin ${manifests}/chart --kube-version 1.34 ${wrong}`);
    equal(code, 1);
    for (const field of ['replica', 'logLevel', 'prometheus'])
      ok(stderr.includes(field), `${field} is named: ${stderr}`);
  });

  test(`${major}: in another namespace, with all that can be chosen, nothing is left of the defaults`, async () => {
    const chosen = [
      'certificates.issuer=cert-manager',
      ...['serverHolds=never', 'secretReleases=true', 'replicas=1', 'prometheus.secret=metrics'],
      ...['monitoring.podMonitor=true', 'monitoring.rules=true'],
      ...['controller.scrape=2s', 'controller.extraArgs[0]=--port=8081', 'logLevel=debug'],
      ...['image.digest=sha256:' + 'a'.repeat(64), 'nodeSelector.disk=ssd'],
    ];
    const made = await helm(
      `template serin ${manifests}/chart -n canaries --kube-version 1.36 --set ${chosen.join(',')}`,
    );
    ok(!made.includes('serin-system'));
    ok(made.includes('{{ $labels.'), 'the sentences of alerts are for Prometheus to fill in');
    const depending =
      /^kind: (Deployment|Certificate|Issuer|NetworkPolicy|Secret|PodDisruptionBudget|PodMonitor)$/m;
    const documents = made.split(/^---\n/m).filter((document) => depending.test(document));
    // Both majors make the same, in an order and with blank lines of their own.
    golden(
      'chart/chosen.yaml',
      documents
        .map((each) => `---\n${each.trim()}\n`)
        .toSorted()
        .join(''),
    );
  });

  test(`${major}: the chart installs what kubectl installs, and Serin is up with it`, async () => {
    match(
      await helm(
        `install serin ${manifests}/chart -n ${namespace} --create-namespace --wait --timeout 90s ${values}`,
      ),
      /kube-apiserver itself holds a change until it is back/,
    );
    const made = objectsIn(await helm(`get manifest serin -n ${namespace}`));
    const wanted = objectsIn(
      [await kubectl(`kustomize ${manifests}`), await kubectl(`kustomize ${manifests}/policies`)]
        .join('\n---\n')
        .replace('http://prometheus.istio-system:9090', 'http://127.0.0.1:9090\n        - --settle=1s'),
    );
    const configMaps = ['ConfigMap serin', 'ConfigMap serin-messages'];
    const kept = ['Secret serin-certs', 'Secret serin-config', ...configMaps, 'Lease serin'];
    const without = (objects: ReadonlyMap<string, unknown>, names: readonly string[]) =>
      Object.fromEntries([...objects].filter(([name]) => !names.includes(name)));
    deepEqual(without(made, kept), without(wanted, [`Namespace ${namespace}`]));
    ok(kept.every((name) => made.has(name)));
  });

  test(`${major}: an upgrade and a rollback keep what Serin wrote, and a rollout goes on`, async () => {
    const plan = { analysis: { interval: '600s', stepWeights: [50], metrics: [] } };
    const lab = { plane, kubelet, kubectl, close: async () => undefined };
    const shop = await openPlainShop(lab, major, plan, service('web'), virtualService('web'));
    const certificates = await secretData();
    ok(objectAt({ certificates } as object as KubeObject, 'certificates'));
    match(await shop.set('image deployment/web web=shop:2'), /held/);
    await shop.reaches('Progressing');
    await helm(
      `upgrade serin ${manifests}/chart -n ${namespace} --wait --timeout 90s ${values} --set logLevel=debug`,
    );
    await helm(`rollback serin 1 -n ${namespace} --wait --timeout 90s`);
    deepEqual(await secretData(), certificates);
    const { phase } = await shop.reaches('Progressing', 'Waiting');
    ok(phase);
  });

  test(`${major}: an uninstall ends the rollout at stable, and leaves nothing`, async () => {
    await helm(`uninstall serin -n ${namespace} --wait --timeout 90s`);
    const web = await plane.api.get<KubeObject & ApiObject>(
      `/apis/apps/v1/namespaces/${major}/deployments/web`,
    );
    equal(imageIn(objectAt(web['spec'], 'template')), 'shop:1');
    deepEqual(
      await kubectl(`-n ${major} get deployments,services -o name`),
      'deployment.apps/web\nservice/web\n',
    );
    const kinds = [
      'clusterroles,clusterrolebindings,mutatingwebhookconfigurations,validatingwebhookconfigurations',
      'validatingadmissionpolicies,validatingadmissionpolicybindings',
      'mutatingadmissionpolicies,mutatingadmissionpolicybindings',
    ].join(',');
    const cluster = await kubectl(`get ${kinds} -o name`);
    ok(!/serin/.test(cluster), cluster);
    const own = await kubectl(
      `-n ${namespace} get configmaps,secrets,leases,serviceaccounts,roles,rolebindings,deployments,services,pdb,networkpolicies -o name`,
    );
    deepEqual(own.trim().split('\n'), ['configmap/kube-root-ca.crt', 'serviceaccount/default']);
  });
}

test('no golden file of the chart is stale', () => noStaleGolden('chart'));
