// What is answered to an attempt: all that is broken in one refusal, warnings instead where they are asked for, and the
// broken glass.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Around, Attempt } from '../../src/admission/rules/rule.ts';
import { type Force, validate } from '../../src/admission/validate.ts';
import type { Verdict } from '../../src/admission/verdict.ts';
import { SerinError } from '../../src/errors.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import {
  annotations,
  around,
  changed,
  deleting,
  deployment,
  main,
  stored,
  updating,
  web,
} from './rules/world.ts';

const recreate = { spec: { strategy: { type: 'Recreate' } } };
const reason = (text: string): JsonObject => annotations({ 'serin.dev/bypass': text });
const onMain = (changes: JsonObject, old: JsonObject = main): Attempt =>
  updating('apps/deployments', old, changes);
const both = changed(recreate, annotations({ 'serin.dev/canary': 'disabled' }));

interface Judged {
  readonly verdict: Verdict;
  readonly counted: readonly string[];
  readonly told: readonly string[];
}

async function judge(attempt: Attempt, force: Force = 'refuse', world: Around = around()): Promise<Judged> {
  const [counted, told]: [string[], string[]] = [[], []];
  const verdict = await validate(attempt, force, world, {
    onBroken: (rule, outcome) => void counted.push(`${rule} ${outcome}`),
    onBypass: (_, message) => void told.push(message),
  });
  return { verdict, counted, told };
}
const warningsOf = (verdict: Verdict): readonly string[] => verdict.warnings ?? [];
const messageOf = (verdict: Verdict): string => (verdict.kind === 'deny' ? verdict.message : '');

test('what breaks no rule is let through without a word', async () => {
  const { verdict, counted } = await judge(onMain({ metadata: { labels: { team: 'shop' } } }));
  deepEqual(verdict, { kind: 'allow', patch: [], warnings: [], outcome: 'passed' });
  deepEqual(counted, []);
});

test('all that is broken stands in one refusal, a line each, and what an emergency needs', async () => {
  const { verdict, counted, told } = await judge(onMain(both));
  deepEqual(verdict, {
    kind: 'deny',
    code: 403,
    message: [
      'the rules of this namespace (serin.dev/mode: enforce) keep this back:',
      '- [strategy] strategy Recreate stops every pod before a new one is ready; use strategy RollingUpdate with a maxUnavailable below the number of replicas, such as 25%',
      '- [opt-out] serin.dev/canary switches the canary of web off; take serin.dev/canary away, or write a plan in it',
      'In an emergency, who has the RBAC verb bypass on deployments.serin.dev in shop goes on with a new reason in the annotation serin.dev/bypass.',
    ].join('\n'),
    warnings: [],
  });
  deepEqual([counted, told], [['strategy refused', 'opt-out refused'], []]);
});

test('where warnings are asked for, they are all there is', async () => {
  const { verdict, counted } = await judge(onMain(both), 'warn');
  equal(verdict.kind, 'allow');
  deepEqual(
    warningsOf(verdict).map((line) => line.split(' ')[0]),
    ['[strategy]', '[opt-out]'],
  );
  deepEqual(counted, ['strategy warned', 'opt-out warned']);
});

test('a rule that only warns does so beside what is let through', async () => {
  const mounted = { spec: { template: { spec: { volumes: [{ configMap: { name: 'c' } }] } } } };
  const world = around({ deployments: () => [deployment('web', web, mounted)] });
  const attempt = updating('configmaps', stored('c', { data: { a: '1' } }), { data: { a: '2' } });
  const { verdict, counted } = await judge(attempt, 'refuse', world);
  equal(verdict.kind, 'allow');
  match(warningsOf(verdict).join(), /^\[mounted-config\]/);
  deepEqual(counted, ['mounted-config warned']);
});

const oncall = around({}, 'bypass');

test('with the verb and a new reason it goes on: warned, counted, told and in the audit log', async () => {
  const { verdict, counted, told } = await judge(
    onMain(changed(both, reason(' INC-4711 '))),
    'refuse',
    oncall,
  );
  const message = 'ann went around strategy, opt-out: INC-4711';
  deepEqual(verdict, {
    ...{ kind: 'allow', patch: [], warnings: [message], outcome: 'passed' },
    audit: { bypass: message },
  });
  deepEqual([counted, told], [['strategy bypassed', 'opt-out bypassed'], [message]]);
});

test('of a dry run nobody is told', async () => {
  const attempt = { ...onMain(changed(recreate, reason('why'))), dryRun: true };
  const { verdict, told } = await judge(attempt, 'refuse', oncall);
  deepEqual([verdict.kind, told], ['allow', []]);
});

test('without the verb the refusal says which one is missing', async () => {
  const { verdict, counted } = await judge(onMain(changed(recreate, reason('why'))));
  match(
    messageOf(verdict),
    /^serin.dev\/bypass gives a reason, and ann does not have the RBAC verb bypass on deployments.serin.dev in shop.$/m,
  );
  deepEqual(counted, ['strategy refused']);
});

test('where the verb is not known the refusal says so', async () => {
  const world = around({ can: () => Promise.reject(new SerinError('KUBE_UNREACHABLE', 'no answer')) });
  const { verdict } = await judge(onMain(changed(recreate, reason('why'))), 'refuse', world);
  match(messageOf(verdict), /whether ann has the RBAC verb bypass .* is not known: no answer\.$/m);
});

test('a reason that stood there before, or an empty one, counts for nothing', async () => {
  const before = deployment('web', web, reason('of another day'));
  for (const attempt of [onMain(recreate, before), onMain(changed(recreate, reason(' ')))])
    equal((await judge(attempt, 'refuse', oncall)).verdict.kind, 'deny');
});

test('a deletion, and what goes to a subresource, goes by the reason that stands on the object', async () => {
  const deletion = deleting('apps/deployments', deployment('web', web, reason('moved')));
  deepEqual((await judge(deletion, 'refuse', oncall)).told, ['ann went around delete: moved']);
  const pod = stored('p', { spec: { containers: [{ image: 'a:1' }] } }, { labels: web });
  const debug = {
    ...updating('pods/ephemeralcontainers', changed(pod, reason('a look')), {
      spec: { ephemeralContainers: [{ image: 'b:1' }] },
    }),
    subResource: 'ephemeralcontainers',
  };
  deepEqual((await judge(debug, 'refuse', oncall)).told, ['ann went around pod-image: a look']);
});

test('a reason without need changes nothing, and nobody is asked for the verb', async () => {
  let asked = 0;
  const world = around({ can: () => Promise.resolve((asked += 1) > 0) });
  const { verdict, told } = await judge(onMain(reason('just so')), 'refuse', world);
  ok(verdict.kind === 'allow' && verdict.audit === undefined);
  deepEqual([told, asked], [[], 0]);
});
