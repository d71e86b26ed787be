import { deepEqual, equal, match } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseAllDocuments } from 'yaml';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { aDeployment, openBench, said } from './bench.ts';
import { kinds } from './kinds.ts';

const { deployments } = kinds;

const manifest = (name: string): readonly JsonObject[] => {
  const text = readFileSync(join(import.meta.dirname, '../../../manifests', name), 'utf8');
  return parseAllDocuments(text).map((each) => each.toJS() as JsonObject);
};

test('the status guard keeps others from the annotations of a Deployment where the namespace takes part', async () => {
  const bench = await openBench({ 'serin.dev/mode': 'canary' });
  const [policy = {}, binding = {}] = manifest('base/guard-status.yaml');
  await bench.kube.create(deployments, 'shop', aDeployment('web'));
  await bench.kube.create(kinds.validatingPolicies, undefined, policy);
  const forge = (username: string) => {
    const body = { metadata: { annotations: { 'serin.dev/state': `by ${username}` } } };
    const caller = { username, manager: 'm' };
    return bench.call({
      caller,
      verb: 'patch',
      patchType: 'merge',
      resource: deployments,
      name: 'web',
      subresource: 'status',
      body,
    });
  };
  equal(said(await forge('ann')), '200');
  await bench.kube.create(kinds.validatingBindings, undefined, binding);
  match(
    said(await forge('bob')),
    /^403 Forbidden: deployments\.apps "web" is forbidden: ValidatingAdmissionPolicy 'status\.guard\.serin\.dev' with binding 'status\.guard\.serin\.dev' denied request: .*/,
  );
  equal(said(await forge('system:serviceaccount:serin-system:serin')), '200');
  const off = { metadata: { labels: { 'serin.dev/mode': 'off' } } };
  await bench.kube.patch(kinds.namespaces, undefined, 'shop', { type: 'merge', body: off });
  equal(said(await forge('carl')), '200');
});

test('the policy on a stale failure resets it in the very write that would show it', async () => {
  const bench = await openBench({ 'serin.dev/mode': 'canary' });
  const [policy = {}, binding = {}] = manifest('policies/stale-failure.yaml');
  await bench.kube.create(kinds.mutatingPolicies, undefined, policy);
  await bench.kube.create(kinds.mutatingBindings, undefined, binding);
  const held = {
    ...aDeployment('web', { paused: true }),
    metadata: { name: 'web', annotations: { 'serin.dev/state': '{"phase":"Pending"}' } },
  };
  await bench.kube.create(deployments, 'shop', held);
  const failed = {
    type: 'Progressing',
    status: 'False',
    reason: 'ProgressDeadlineExceeded',
    message: 'm',
    lastUpdateTime: 't',
  };
  const body = { status: { observedGeneration: 1, conditions: [failed] } };
  const answer = await bench.call({
    verb: 'patch',
    patchType: 'merge',
    resource: deployments,
    name: 'web',
    subresource: 'status',
    body,
  });
  deepEqual(answer.body['status'], {
    observedGeneration: 1,
    conditions: [
      { ...failed, status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused' },
    ],
  });
});
