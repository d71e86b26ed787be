// Everything that people do with kubectl, on a real control plane: each row of test/clients/kubectl-*.ts, which
// docs/clients.md shows, has a Deployment of its own and comes out as it says.
import { deepEqual } from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { besides, changing } from '../clients/kubectl-serving.ts';
import { afterFailure, onTrial } from '../clients/kubectl-underway.ts';
import { openStage } from '../clients/stage.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:1',
});
after(() => lab.close());
const rows = [...changing, ...besides, ...onTrial, ...afterFailure];
const stage = await openStage(lab, rows);

describe('kubectl', { concurrency: 3 }, () => {
  for (const row of rows)
    test(`${row.does} (${row.begins})`, async () => deepEqual(await stage.perform(row), row.ends));
});
