import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { names } from '../src/kube/objects.ts';
import { all, the } from './rig/manifests.ts';

// What kube-apiserver makes of them is seen in test/cluster/down.test.ts, and in the simulator.
const { metadata: serin } = the('ServiceAccount');
const account = `system:serviceaccount:${serin.namespace}:${serin.name}`;
const watched = {
  matchExpressions: [
    { key: 'serin.dev/mode', operator: 'In', values: ['canary', 'enforce'] },
    { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: ['kube-system', 'serin-system'] },
  ],
};

const policies = [...all('ValidatingAdmissionPolicy'), ...all('MutatingAdmissionPolicy')];

test('webhook and policies leave Serin itself alone, and look at the same namespaces', () => {
  const conditions = [
    ...the('MutatingWebhookConfiguration').webhooks.map(({ matchConditions }) => matchConditions),
    ...policies.map(({ spec }) => spec.matchConditions),
  ];
  for (const [first] of conditions)
    deepEqual(first, { name: 'not-by-serin', expression: `request.userInfo.username != '${account}'` });
  const bindings = [
    ...all('ValidatingAdmissionPolicyBinding'),
    ...all('MutatingAdmissionPolicyBinding'),
    // Those see what a policy is about before it is a namespace's.
  ].filter(({ spec }) => spec['policyName'] !== 'namespace.guard.serin.dev');
  for (const { spec } of bindings) deepEqual(spec.matchResources.namespaceSelector, watched);
});

test('each policy is bound, and refuses where it cannot judge, or lets others judge where it cannot hold', () => {
  const bound = [...all('ValidatingAdmissionPolicyBinding'), ...all('MutatingAdmissionPolicyBinding')];
  deepEqual(
    new Set(bound.map(({ spec }) => spec['policyName'])),
    new Set(policies.map(({ metadata }) => metadata.name)),
  );
  for (const { kind, spec } of policies)
    equal(spec['failurePolicy'], kind === 'ValidatingAdmissionPolicy' ? 'Fail' : 'Ignore');
});

test('what two policies call by the same name is the same', () => {
  const meanings = new Map<string, Set<string>>();
  for (const { spec } of policies)
    for (const { name, expression } of spec.variables ?? [])
      meanings.set(name, (meanings.get(name) ?? new Set()).add(expression));
  // On a CREATE there is nothing before, which one of them has to say.
  meanings.delete('before');
  deepEqual(
    [...meanings].filter(([, expressions]) => expressions.size > 1),
    [],
  );
  const shared = ['promoting', 'held', 'restarts', 'optsOut', 'nothingToProtect', 'letBy', 'asked'];
  for (const name of shared) ok(meanings.has(name), name);
});

test('every annotation of Serin is guarded but the owner’s own', () => {
  const guard = policies.find(({ metadata }) => metadata.name === 'annotations.guard.serin.dev');
  const { expression = '' } = guard?.spec.variables?.find(({ name }) => name === 'changed') ?? {};
  const guarded = [...expression.matchAll(/'(serin\.dev\/[a-z-]+)'/g)].map(([, name]) => name);
  // A command has a policy of its own, which knows who may say it; the mark of configuration stands in templates only.
  const others: readonly string[] = [names.canary, names.fieldManager, names.command, names.config];
  const ours = Object.values(names).filter((name) => !others.includes(name));
  deepEqual(new Set(guarded), new Set<string | undefined>(ours));
});
