// Helm 3 and 4, the real programs, on a real control plane; see clients-kubectl.test.ts.
import { deepEqual } from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { helm3, helm4 } from '../clients/helm.ts';
import { openStage } from '../clients/stage.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { helmTools, toolchain } from '../rig/toolchain.ts';

const { stateDir, prepared } = await enterNamespace(async () => ({
  ...(await prepareLab()),
  helm: await toolchain(helmTools),
}));
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:1',
});
after(() => lab.close());
const rows = [...helm3, ...helm4];
const stage = await openStage(lab, rows, prepared.helm);

describe('Helm', { concurrency: 3 }, () => {
  for (const row of rows) test(row.does, async () => deepEqual(await stage.perform(row), row.ends));
});
