// `serin chatops` as its own service account on a real control plane with Serin running: who may not is told so, who may is
// stamped by Serin's webhook and judged by the policy, and how it comes out is on the commit.
import { equal, match } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { forgeOf, shas, token as forgeToken } from '../chatops/forge.ts';
import { fileOf } from '../chatops/rig.ts';
import { githubBody, secret, signed } from '../chatops/webhooks.ts';
import { kubeconfig } from '../rig/kubeconfig.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { lastLines, start, until } from '../rig/processes.ts';
import { makeShop } from '../rig/shop-client.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9191',
});
after(() => lab.close());
const shop = await makeShop(lab, 'shop');
const root = join(import.meta.dirname, '../..');

test('a comment is heeded as the user of its author, with their rights', async (t) => {
  await lab.kubectl(
    `apply -f ${root}/manifests/chatops/service-account.yaml -f ${root}/manifests/chatops/cluster-role.yaml`,
  );
  await lab.kubectl('-n shop create rolebinding team --clusterrole=edit --group=shop-team');
  const forge = await forgeOf(t, 'github');
  const settings = {
    api: forge.api,
    webhookSecretFile: fileOf(t, 'webhook', secret),
    tokenFile: fileOf(t, 'token', forgeToken),
    people: { ann: { user: 'ann@acme.example', groups: ['shop-team'] } },
    repositories: { 'acme/shop': ['shop/web'] },
  };
  const port = await freePort();
  const log = join(stateDir, 'chatops.log');
  const file = fileOf(t, 'chatops.yaml', JSON.stringify({ github: settings }));
  const chatops = start({
    name: 'chatops',
    file: process.execPath,
    args: [join(root, 'src/main.ts'), 'chatops', `--settings=${file}`, `--port=${port}`],
    env: { KUBECONFIG: await kubeconfigOfItsOwn() },
    logFile: log,
  });
  t.after(() => chatops.stop());
  const url = `http://127.0.0.1:${port}`;
  await until(
    'it to be ready',
    () =>
      fetch(`${url}/readyz`).then(
        ({ ok }) => ok,
        () => false,
      ),
    patient,
  );
  const says = async (id: number, body: string): Promise<number> => {
    const text = JSON.stringify(githubBody({ id, body, created_at: new Date().toISOString() }));
    const headers = { 'content-type': 'application/json', ...signed('/github', text) };
    return (await fetch(`${url}/github`, { method: 'POST', headers, body: text })).status;
  };

  await shop.does('apply -f -', shop.manifest('shop:2', { 'serin.dev/source-revision': shas.merge }));
  await shop.onTrial();
  const marked = (state: string): Promise<true> =>
    until(
      `the commit to be ${state}`,
      () => forge.marks.some((each) => each.startsWith(`bbbb ${state}: `)),
      patient,
    );
  await marked('pending');
  equal(await says(1, '/canary promote'), 202);
  await until('the answer', async () => forge.comments.length === 1, patient);
  match(forge.comments[0] ?? '', /^```text\nann@acme.example may not promote shop\/web: /);
  equal(await says(1, '/canary promote'), 409);

  equal(await says(2, '/canary abort web checkout is slow'), 202);
  await until('the answer', async () => forge.comments.length === 2, patient);
  match(forge.comments[1] ?? '', /^```text\nweb: ann@acme.example says abort to revision /, lastLines(log));
  await shop.reaches('Failed');
  match(stateOf(await shop.main()).message ?? '', /ann@acme.example.*checkout is slow \(https:/);
  await marked('failure');
  equal(forge.wrong.join(), '');
});

/** Not the administrator's. */
async function kubeconfigOfItsOwn(): Promise<string> {
  const token = (await lab.kubectl('-n serin-system create token serin-chatops')).trim();
  const file = join(stateDir, 'chatops.kubeconfig');
  writeFileSync(file, kubeconfig(lab.plane.port, { caPem: lab.plane.caPem, token }));
  return file;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
