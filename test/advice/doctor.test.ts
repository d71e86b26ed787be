import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import { type Install, installChecks } from '../../src/advice/check-install.ts';
import { type Target, targetChecks } from '../../src/advice/check-target.ts';
import type { Check } from '../../src/advice/check.ts';
import type { Tried } from '../../src/advice/dry-run.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { checkLines } from '../../src/plugin/doctor.ts';
import { painted } from '../../src/plugin/lines.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { issueAuthority, issueLeaf, systemEntropy } from '../../src/tls/issue.ts';
import { golden, noStaleGolden } from '../golden.ts';

const now = Date.UTC(2026, 10, 24);
const day = 86_400_000;
const authority = await issueAuthority(now, systemEntropy);
const leaf = await issueLeaf(authority, ['serin-webhook.serin-system.svc'], now, systemEntropy);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const object = (parts: JsonObject, metadata: JsonObject = {}): KubeObject => ({
  metadata: { name: 'serin', uid: 'u', resourceVersion: '1', ...metadata },
  ...parts,
});
const configured = (...bundles: readonly string[]): { readonly found: KubeObject } => ({
  found: object({ webhooks: bundles.map((caBundle) => ({ clientConfig: { caBundle } })) }),
});
const taken = (annotations: Record<string, string>): Tried => ({
  is: 'taken',
  object: object({}, { annotations }),
  warnings: [],
});
const refused = (message: string): Tried => ({ is: 'refused', message, warnings: [] });
const guards = ['annotations', 'command', 'hold', 'namespace', 'status'].map(
  (name) => `${name}.guard.serin.dev`,
);

const bundle = base64(authority.cert);
const healthy: Install = {
  ...{ home: 'serin-system', now },
  webhooks: { mutating: configured(bundle, bundle), validating: configured(bundle) },
  secret: { found: object({ data: { 'tls.crt': base64(leaf.cert) } }) },
  serin: {
    found: object({
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ image: 'registry.example.com/serin:1.2.0' }] } },
      },
      status: { readyReplicas: 2 },
    }),
  },
  lease: {
    found: object({
      spec: {
        holderIdentity: 'serin-7d9c5-x2x9q',
        renewTime: new Date(now - 3000).toISOString(),
        leaseDurationSeconds: 15,
      },
    }),
  },
  guards: { found: guards },
  holds: { found: ['hold.serin.dev', 'stale-failure.serin.dev'] },
  asked: taken({}),
};
const space = (labels: Record<string, string>) => ({ found: object({}, { name: 'shop', labels }) });
const said = { promote: false, abort: true, pause: true, resume: true, retry: false, rollback: false };
const there = {
  is: 'there',
  name: 'web',
  plan: 'fine',
  doubts: [],
  besides: [],
  unread: [],
  routes: { split: ['VirtualService shop'], made: false },
} as const;
const ready: Target = {
  ...{
    namespace: 'shop',
    space: space({ 'serin.dev/mode': 'canary' }),
    rights: said,
    mayRelease: true,
    missing: [],
  },
  prometheus: { series: 4, everyMs: 15_000, of: 'web' },
  deployment: there,
};

const shown: Readonly<Record<string, readonly Check[]>> = {
  healthy: [...installChecks(healthy), ...targetChecks(ready)],
  'not-installed': installChecks({
    ...{
      home: 'serin-system',
      now,
      webhooks: { mutating: 'absent', validating: 'absent' },
      secret: 'absent',
    },
    ...{ serin: 'absent', lease: 'absent', guards: { found: [] }, holds: { found: [] } },
  }),
  'silent-webhook': installChecks({
    ...healthy,
    asked: refused(
      "ValidatingAdmissionPolicy 'annotations.guard.serin.dev' with binding denied request: written by Serin alone",
    ),
  }),
  unguarded: installChecks({
    ...healthy,
    asked: taken({ 'serin.dev/history': '[]' }),
    guards: { found: guards.slice(2) },
    holds: { found: [] },
  }),
  'broken-parts': installChecks({
    ...healthy,
    serin: { found: object({ spec: { replicas: 2 }, status: {} }) },
    lease: {
      found: object({
        spec: {
          holderIdentity: 'serin-1',
          renewTime: new Date(now - 90_000).toISOString(),
          leaseDurationSeconds: 15,
        },
      }),
    },
    asked: refused(
      'Internal error occurred: failed calling webhook "foreign-state.serin.dev": x509: certificate signed by unknown authority',
    ),
  }),
  'nothing-may-be-read': [
    ...installChecks({
      ...{
        home: 'serin-system',
        now,
        webhooks: { mutating: 'forbidden', validating: 'forbidden' },
        secret: 'forbidden',
      },
      ...{
        serin: 'forbidden',
        lease: 'forbidden',
        guards: 'forbidden',
        holds: 'forbidden',
        asked: refused('deployments.apps is forbidden'),
      },
    }),
    ...targetChecks({
      ...ready,
      space: 'forbidden',
      prometheus: { why: 'you may not get services/proxy there' },
      mayRelease: false,
      missing: { why: 'you may not ask what Serin may (create subjectaccessreviews)' },
    }),
  ],
  'not-ready': targetChecks({
    ...ready,
    space: space({ 'serin.dev/mode': 'canry' }),
    prometheus: { series: 0, of: 'web' },
    missing: ['patch virtualservices', 'create services'],
    deployment: {
      ...there,
      plan: {
        mistakes:
          'analysis.interval: expected a duration from 1s to 168h, such as 60s or 1m30s, got "soon"\nanalysis.stepWeigth is not a known field',
      },
      routes: { why: 'no Service selects the pods' },
      unread: ['virtualservices'],
    },
  }),
  unwise: targetChecks({
    ...ready,
    prometheus: { series: 2, everyMs: 60_000, of: 'web' },
    deployment: {
      ...there,
      doubts: [
        'analysis.metrics: nothing is measured: a version that starts is promoted, whatever it answers',
      ],
      besides: ['web-grpc'],
    },
  }),
};
for (const [name, checks] of Object.entries(shown))
  test(`a terminal of 80 columns shows a line for each, and commands as they are typed: ${name}`, () => {
    const lines = checkLines(checks, 80).map((line) => painted(line, false));
    golden(`advice/doctor/${name}.txt`, `${lines.join('\n').replaceAll(/20\d\d-\d\d-\d\d/g, 'DAY')}\n`);
    deepEqual(
      lines.filter((line) => line.length > 80 && !line.startsWith('         kubectl ')),
      [],
    );
  });

test('every golden file is of a case', () => noStaleGolden('advice/doctor'));

const lineOf = (checks: readonly Check[], about: string): string => {
  const { is, text } = checks.find((each) => each.about === about) ?? ({} as never);
  return `${is}: ${text}`.replaceAll(/20\d\d-\d\d-\d\d/g, 'DAY');
};

test('certificates are told by what is trusted, what is served, and when', async () => {
  const other = await issueAuthority(now, systemEntropy);
  const otherBundle = base64(other.cert);
  const cases: readonly (readonly [Partial<Install>, string])[] = [
    [
      { webhooks: { mutating: configured(''), validating: configured(bundle) } },
      'problem: a webhook has no caBundle, so that kube-apiserver does not trust it',
    ],
    [
      { webhooks: { mutating: configured(otherBundle), validating: configured(bundle) } },
      'problem: the webhooks have different caBundles',
    ],
    [
      { webhooks: { mutating: configured(otherBundle), validating: configured(otherBundle) } },
      'problem: the certificate that is served was not issued by the CA in the caBundle: kube-apiserver does not trust it',
    ],
    [
      { webhooks: { mutating: configured(base64(other.cert + authority.cert)), validating: 'absent' } },
      'ok: until DAY, its CA until DAY',
    ],
    [
      { webhooks: { mutating: configured('xx'), validating: 'absent' } },
      'problem: the caBundle cannot be read',
    ],
    [{ secret: 'forbidden' }, 'ok: its CA until DAY; the serving certificate is not yours to read'],
    [{ secret: { found: object({}) } }, 'problem: Secret serin-certs holds no certificate'],
    [{ now: now + 20_000 * day }, 'problem: its CA has expired on DAY'],
    [{ now: now + 365 * day }, 'problem: it has expired on DAY'],
  ];
  for (const [change, wanted] of cases)
    equal(lineOf(installChecks({ ...healthy, ...change }), 'certificate'), wanted);
});

test('a namespace that is not labelled is not asked about its webhook', () => {
  const { asked: _, ...rest } = healthy;
  equal(
    lineOf(installChecks(rest), 'webhook'),
    'warning: not asked: the namespace has no label by which it would be',
  );
  equal(
    lineOf(targetChecks({ ...ready, space: space({}) }), 'namespace'),
    'problem: shop has no label serin.dev/mode: nothing is held there',
  );
});

test('a rule that refuses was asked, too; a plan that splits nothing misses no route', () => {
  const deployment = { ...there, routes: 'unwanted' } as const;
  equal(lineOf(targetChecks({ ...ready, deployment }), 'routes'), 'ok: its plan splits no traffic');
  const asked = refused(
    'admission webhook "deployments.enforce.serin.dev" denied the request: - [second-workload] no',
  );
  equal(lineOf(installChecks({ ...healthy, asked }), 'webhook'), 'ok: asked by a dry run, and it answers');
  equal(
    lineOf(installChecks({ ...healthy, asked: refused('exceeded quota') }), 'webhook'),
    'warning: cannot be told: the dry run was refused: exceeded quota',
  );
});
