// Argo CD, Flux and what scales, on a real control plane; see clients-kubectl.test.ts.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { argo, flux } from '../clients/gitops.ts';
import { scalers } from '../clients/scalers.ts';
import { openStage } from '../clients/stage.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { reviewsCounted } from '../rig/webhook-metrics.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:1',
});
after(() => lab.close());
const rows = [...argo, ...flux, ...scalers];
const stage = await openStage(lab, rows);

test('what changes neither template, pause nor an annotation of ours costs no call, by the webhook’s own metrics', async () => {
  const idle = rows.findIndex(({ begins }) => begins === 'serving');
  const web = `deployment/web-${idle}`;
  const before = await reviewsCounted(lab.kubelet);
  ok(before > 0, 'reviews are counted');
  for (const line of [
    ...[`label ${web} team=shop`, `label ${web} team-`, `annotate ${web} note=fine`, `annotate ${web} note-`],
    ...[`scale ${web} --replicas=2`, `scale ${web} --replicas=1`],
    `patch ${web} --type=merge -p {"spec":{"minReadySeconds":1}}`,
    `patch ${web} --type=merge -p {"spec":{"minReadySeconds":0}}`,
    'create deployment other --image=shop:1',
    'delete deployment other',
  ])
    await lab.kubectl(`-n shop ${line}`);
  equal(await reviewsCounted(lab.kubelet), before);
});

describe('tools', { concurrency: 3 }, () => {
  for (const row of rows)
    test(`${row.does} (${row.begins})`, async () => deepEqual(await stage.perform(row), row.ends));
});
