// The dashboard as people start it, with a real rollout on a real control plane, seen in a real Chromium.
import { deepEqual, equal, match } from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, test } from 'node:test';
import type { Page } from 'playwright-core';
import { openBrowser } from '../dashboard/browser.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { makeShop } from '../rig/shop-client.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://prometheus.mesh:9090',
});
after(() => lab.close());
const shop = await makeShop(lab, 'told');

// A Prometheus that has one answer. The API server's proxy speaks to pods alone, so it stands at the address of one: all of
// those are this machine's here.
const asked: string[] = [];
const prometheus = createServer((request, response) => {
  asked.push(request.url ?? '');
  const from = Number(new URL(request.url ?? '', 'http://x').searchParams.get('start'));
  const metric = { reporter: 'destination', destination_workload: 'web', response_code: '200' };
  const values = [60, 120, 180].map((later) => [from + later, '600']);
  const isOfTraffic = request.url?.includes('istio_requests_total') === true;
  const data = { resultType: 'matrix', result: isOfTraffic ? [{ metric, values }] : [] };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(JSON.stringify({ status: 'success', data }));
}).listen(9090, '0.0.0.0');
await once(prometheus, 'listening');
after(() => prometheus.close());
await lab.kubectl('create namespace mesh');
// Not before the namespace has its service account.
await until('the pod to be let in', () => lab.kubectl('-n mesh run prometheus --image=shop:1'), patient);
await lab.kubectl('-n mesh expose pod prometheus --port=9090');
await lab.kubectl('-n mesh wait pod/prometheus --for=condition=Ready --timeout=60s');
const proxy = '/api/v1/namespaces/mesh/services/prometheus:9090/proxy/api/v1/query_range?start=0';
await until('the Service to have its pod', () => lab.kubectl(`get --raw ${proxy}`), patient);

await lab.kubectl('-n told create rolebinding ops --clusterrole=edit --user=ops');
await lab.kubectl('-n told create rolebinding operators --clusterrole=serin-operator --user=ops');
await lab.kubectl('create clusterrolebinding ops-looks --clusterrole=view --user=ops');
// Istio's kinds are in no role that Kubernetes comes with.
await lab.kubectl('create clusterrole routes --verb=get,list --resource=virtualservices.networking.istio.io');
await lab.kubectl('create clusterrolebinding ops-routes --clusterrole=routes --user=ops');
await lab.kubectl('-n mesh create role asks --verb=get --resource=services/proxy');
await lab.kubectl('-n mesh create rolebinding asks --role=asks --user=ops');

const program = join(import.meta.dirname, '../../src/kubectl-canary.ts');
const flags = ['dashboard', '--allow-actions', '--no-open', '--as', 'ops'];
const served = spawn(process.execPath, [program, ...flags], {
  env: { ...process.env, KUBECONFIG: lab.plane.kubeconfigPath },
  stdio: ['ignore', 'pipe', 'inherit'],
});
const ended = new Promise<number | null>((resolve) => void served.on('close', resolve));
after(() => served.kill('SIGKILL'));
const [url = ''] = await new Promise<readonly string[]>((resolve) => {
  createInterface({ input: served.stdout }).once('line', (line) => resolve([line]));
  void ended.then(() => resolve([]));
});

const browser = await openBrowser();
after(() => browser.close());
const page: Page = await browser.newPage();
page.setDefaultTimeout(patient.timeoutMs);
await page.goto(url);
const sees = (what: string): Promise<unknown> => page.waitForSelector(what);

test('a Deployment is listed before anything was released', async () => {
  await sees('[data-key="told/web"]:has-text("shop:1")');
});

test('a release is seen as it begins, with its weight, its pods and what it changes', async () => {
  await shop.does('set image deployment/web web=shop:2');
  await sees('[data-key="told/web"]:has-text("shop:1 → shop:2")');
  await page.locator('[data-key="told/web"]').click();
  await shop.onTrial();
  await sees('.chip:has-text("on trial")');
  await sees('.what:has-text("shop:1 is live, shop:2 is on trial at 20 % of the traffic")');
  await sees('.who:has-text("Asked for by admin")');
  await sees('text=VirtualService shop gives the canary 20 %');
  await sees('.tree [data-arm=canary]:has-text("web-canary")');
  await sees('.diff [data-is=new]:has-text("shop:2")');
  await sees('.events b:has-text("CanaryStarted")');
});

test('traffic from before it was started is had from Prometheus, by the API server’s proxy and in the user’s name', async () => {
  await sees('text=traffic from Prometheus');
  await sees('[aria-label^="Requests per second: stable 10.0"]');
  match(asked[1] ?? '', /^\/api\/v1\/query_range\?query=/);
});

test('a pause by the page reaches the rollout, with reason and name', async () => {
  await page.getByRole('button', { name: 'Pause' }).click();
  await page.getByLabel('Reason').fill('lunch');
  await page.keyboard.press('Enter');
  await page.waitForSelector('dialog', { state: 'detached' });
  const state = await until(
    'the pause',
    async () => {
      const now = stateOf(await shop.main());
      return 'pause' in now && now.pause !== undefined && now;
    },
    patient,
  );
  const { actor, reason } = state.pause ?? {};
  deepEqual({ actor, reason }, { actor: 'ops', reason: 'lunch' });
  await sees('.why:has-text("Paused by ops since")');
  await sees('button:has-text("Resume")');
});

test('while the API server is away the page says so, and goes on when it is back', async () => {
  const restarted = lab.plane.restart('kube-apiserver');
  await sees('.line[data-is=bad]:has-text("API server silent")');
  await restarted;
  await sees('.line[data-is=ok]');
  await lab.kubectl('-n told annotate deployment web note=after');
  await sees('.rollout[data-stale=false]');
});

test('it ends when its user has had enough', async () => {
  served.kill('SIGINT');
  equal(await ended, 0);
  await sees('.line[data-is=bad]:has-text("is kubectl canary dashboard still running")');
  match(page.url(), /^http:\/\/127\.0\.0\.1:\d+\/#\/told\/web$/);
});
