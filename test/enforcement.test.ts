// The validating webhooks as they are installed: called for what the rules look at, for nothing twice, and strict only
// where nothing else stands guard. What kube-apiserver makes of them is seen in test/cluster/bypass.test.ts.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { rules } from '../src/admission/rules/index.ts';
import { parsed } from './rig/manifests.ts';

interface Webhook {
  readonly name: string;
  readonly clientConfig: { readonly service: { readonly path: string } };
  readonly rules: readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly operations: readonly string[];
  }[];
  readonly matchConditions: readonly { readonly name: string; readonly expression: string }[];
  readonly namespaceSelector: { readonly matchExpressions: readonly unknown[] };
  readonly failurePolicy: string;
  readonly sideEffects: string;
  readonly timeoutSeconds: number;
}

const webhooks = parsed('manifests/base/enforcement.yaml')[0]?.webhooks as unknown as readonly Webhook[];
const [strict, warning] = ['/validate', '/validate/warn'].map((path) =>
  webhooks.filter(({ clientConfig }) => clientConfig.service.path === path),
);
ok(strict !== undefined && warning !== undefined);

const asked = (list: readonly Webhook[]): ReadonlySet<string> =>
  new Set(
    list.flatMap((webhook) =>
      webhook.rules.flatMap(({ apiGroups: [group = ''], resources, operations }) =>
        resources.flatMap((resource) =>
          operations.map((operation) => `${operation} ${group === '' ? '' : `${group}/`}${resource}`),
        ),
      ),
    ),
  );

test('Serin is asked about exactly what some rule looks at', () => {
  const wanted = new Set(
    rules.flatMap(({ looksAt }) =>
      looksAt.flatMap(({ resource, operations }) =>
        operations.map((operation) => `${operation} ${resource}`),
      ),
    ),
  );
  deepEqual([...asked(strict)].toSorted(), [...wanted].toSorted());
});

test('namespaces that only warn are asked about the same, and nothing there waits for Serin', () => {
  const essence = ({ rules: of, matchConditions, sideEffects }: Webhook): object => ({
    of,
    matchConditions,
    sideEffects,
  });
  deepEqual(warning.map(essence), strict.map(essence));
  deepEqual(
    warning.map(({ name }) => name),
    strict.map(({ name }) => name.replace('.enforce', '.warn.enforce')),
  );
  deepEqual(new Set(warning.map(({ failurePolicy }) => failurePolicy)), new Set(['Ignore']));
});

test('a namespace is enforced or warned, never both, and never that of Serin or of Kubernetes', () => {
  const selectors = (list: readonly Webhook[]): string[] => [
    ...new Set(list.map(({ namespaceSelector }) => JSON.stringify(namespaceSelector.matchExpressions))),
  ];
  const mode = { key: 'serin.dev/mode', operator: 'In', values: ['enforce'] };
  const own = {
    key: 'kubernetes.io/metadata.name',
    operator: 'NotIn',
    values: ['kube-system', 'serin-system'],
  };
  const label = (operator: string): object => ({ key: 'serin.dev/enforce', operator, values: ['warn'] });
  deepEqual(selectors(strict), [JSON.stringify([mode, label('NotIn'), own])]);
  deepEqual(selectors(warning), [JSON.stringify([mode, label('In'), own])]);
});

test('with Serin down nothing that heals waits, nor what the policies guard', () => {
  const open = strict.filter(({ failurePolicy }) => failurePolicy === 'Ignore').map(({ name }) => name);
  deepEqual(open, [
    'releases.enforce.serin.dev',
    'pods.enforce.serin.dev',
    'configuration.enforce.serin.dev',
  ]);
});

test('a change of a Deployment is asked about once', () => {
  const [weakening, release] = ['deployments', 'releases'].map(
    (name) =>
      strict.find((webhook) => webhook.name.startsWith(`${name}.`))?.matchConditions.at(-1)?.expression,
  );
  equal(release, `!(${weakening})`);
});

test('an answer comes within five seconds, but where all rollouts are to end first, and a dry run leaves no Event', () => {
  for (const { name, timeoutSeconds, sideEffects } of webhooks) {
    ok(timeoutSeconds <= (name === 'uninstall.serin.dev' ? 30 : 5));
    equal(sideEffects, 'NoneOnDryRun');
  }
});
