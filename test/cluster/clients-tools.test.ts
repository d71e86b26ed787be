// Argo CD, Flux and what scales, on a real control plane; see clients-kubectl.test.ts.
import { deepEqual } from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { argo, flux } from '../clients/gitops.ts';
import { scalers } from '../clients/scalers.ts';
import { openStage } from '../clients/stage.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:1',
});
after(() => lab.close());
const rows = [...argo, ...flux, ...scalers];
const stage = await openStage(lab, rows);

describe('tools', { concurrency: 3 }, () => {
  for (const row of rows)
    test(`${row.does} (${row.begins})`, async () => deepEqual(await stage.perform(row), row.ends));
});
