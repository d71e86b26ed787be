// The bypass hunt: every way we know to get another image to everybody at once, tried on a real control plane in an
// enforced namespace with Serin running. Each is refused by the rule that is named, or held and tried as a canary; what
// looks alike and is harmless passes. The folder bypass/ has the ways.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { revisionOf } from '../../src/kube/revision.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import { openBareLab, prepareLab } from '../rig/lab.ts';
import { enterNamespace } from '../rig/namespace.ts';
import { until } from '../rig/processes.ts';
import { imageIn } from '../rig/shop-client.ts';
import { isHeld } from '../rig/shop-history.ts';
import { patient, stateOf } from '../rig/shop-lab.ts';
import { harmless } from './bypass/harmless.ts';
import { oncall } from './bypass/objects.ts';
import { ofPeople } from './bypass/of-people.ts';
import { ofThePlan } from './bypass/of-the-plan.ts';
import { ofRoutes, ofServices } from './bypass/of-traffic.ts';
import { ofDeployments, ofPods } from './bypass/of-workloads.ts';
import { carried, ofTheRollout, releases } from './bypass/releases.ts';
import { openEnforcedShop, untouched } from './bypass/shop.ts';
import { containers, patch, type Way } from './bypass/words.ts';

const { stateDir, prepared } = await enterNamespace(prepareLab);
// Serin looks for Istio when it starts, and then twice a minute: it is to know of it from the start.
const lab = await openBareLab({
  ...{ stateDir, prepared, settle: '1s', istioApi: true },
  prometheusUrl: 'http://127.0.0.1:9191',
});
after(() => lab.close());
const shop = await openEnforcedShop(lab, { stateDir, crds: prepared.istioCrds });

async function isRefused(way: Way): Promise<void> {
  const { passed, said } = await shop.attempt(way);
  const rule = way.refused;
  match(said, rule instanceof RegExp ? rule : new RegExp(`\\[${rule}\\] .+; .+`));
  ok(!passed, said);
  deepEqual(await shop.traffic(), untouched);
}

async function doesPass(way: Way): Promise<void> {
  const { passed, said } = await shop.attempt(way);
  ok(passed, said);
  ok(!said.includes('Warning: ['), said);
}

/** What is held is in the template with its record, and no pod behind the Service runs it. */
async function isHeldAndTried(way: Way, image: string): Promise<void> {
  const { passed, said } = await shop.attempt(way, { IMAGE: image });
  ok(passed, said);
  const now = await shop.main();
  ok(isHeld(now), said);
  const { revision, phase } = stateOf(now);
  equal(revision, revisionOf(objectAt(now['spec'], 'template')));
  match(phase, /^(Pending|Starting|Progressing|Waiting)$/);
  deepEqual(await shop.traffic(), untouched);
}

const refusals = { ofThePlan, ofDeployments, ofPods, ofServices, ofRoutes, ofPeople };
// They change nothing, so they need not wait for each other.
for (const [which, ways] of Object.entries(refusals))
  describe(`a way around is refused, and nothing has changed: ${which}`, { concurrency: 4 }, () => {
    for (const [how, way] of Object.entries(ways)) test(how, () => isRefused(way));
  });

describe('what looks alike passes', () => {
  for (const [how, way] of Object.entries(harmless)) test(how, () => doesPass(way));
});

const noneLeft = {
  'with no pod left': { kubectl: 'delete pods -l app=web --force --grace-period=0' },
  'with a status that says so': {
    kubectl:
      'patch deployment web --subresource=status --type=merge -p={"status":{"availableReplicas":0,"conditions":[]}}',
  },
};
for (const [how, step] of Object.entries(noneLeft))
  test(`${how}, a new image is not what comes up instead`, async () => {
    await shop.settled();
    const { passed, said } = await shop.attempt({
      steps: [
        step,
        patch('deployment web', { spec: { template: { spec: { containers: containers('shop:5') } } } }),
      ],
    });
    // A pod, or the true status, may have come back in between: then it is a release like any other.
    ok(passed ? isHeld(await shop.main()) : said.includes('[hold]'), said);
    ok((await shop.take({ kubectl: 'set image deployment/web web=shop:1' })).passed);
    await shop.settled();
    deepEqual(await shop.traffic(), untouched);
  });

describe('a release is held, by whatever client', () => {
  before(() => shop.settled());
  Object.entries(releases).forEach(([how, way], index) => {
    test(how, () => isHeldAndTried(way, `shop:${index + 10}`));
  });
});

describe('of the rollout, nothing is changed by hand', () => {
  // The split alone may be that of the release before, whose twin is just being taken away.
  before(async () => {
    const hasWeight = async () => {
      const state = stateOf(await shop.main());
      return state.phase === 'Progressing' && state.weight > 0;
    };
    await until('the last release to have weight', hasWeight, patient);
  });
  for (const [how, way] of Object.entries(ofTheRollout)) test(how, () => isRefused(way));
  for (const [how, way] of Object.entries(carried))
    test(`${how}, which is taken with the split as it was`, async () => {
      const split = async () => listAt((await shop.list('virtualservices'))[0]?.['spec'], 'http');
      const was = await split();
      const { passed, said } = await shop.attempt(way);
      ok(passed, said);
      match(said, /Warning: carried: while the canary of web runs, it keeps its share of these routes/);
      deepEqual(await split(), was);
    });
});

test('configuration that the pods use is changed in place with a warning', async () => {
  const { passed, said } = await shop.take(patch('configmap web-config', { data: { colour: 'blue' } }));
  ok(passed, said);
  match(said, /Warning: \[mounted-config\] ConfigMap web-config is changed in place and web, .+ use it: /);
});

/** Comes back when kube-apiserver's audit log has the annotation. */
function audited(key: string, value: string): Promise<unknown> {
  const isThere = () => lab.plane.auditEvents().some(({ annotations }) => annotations?.[key] === value);
  return until('the audit log', isThere, patient);
}

test('with the verb and a reason the release goes out at once, and everybody is told', async () => {
  await shop.apply(oncall);
  const told = 'dev went around hold: the shop is down';
  const spec = { template: { spec: { containers: containers('shop:99') } } };
  const metadata = { annotations: { 'serin.dev/bypass': 'the shop is down' } };
  const { passed, said } = await shop.take(patch('deployment web', { metadata, spec }, 'dev'));
  ok(passed, said);
  ok(said.includes(`Warning: ${told}`), said);
  ok(!isHeld(await shop.main()));
  await shop.settled();
  equal(imageIn(objectAt((await shop.main())['spec'], 'template')), 'shop:99');
  const isTold = async () => (await shop.list('events')).some((event) => textAt(event, 'message') === told);
  await until('the Event', isTold, patient);
  await audited('releases.enforce.serin.dev/bypass', told);
  const twins = async () =>
    (await shop.list('deployments')).filter(({ metadata: { name } }) => name === 'web-canary');
  await until('the twin to be gone', async () => (await twins()).length === 0, patient);
});

test('what cannot write a reason goes by the one that stands on the object', async () => {
  const steps = [
    { kubectl: 'annotate deployment web-v2 serin.dev/bypass=moved' },
    { kubectl: 'delete deployment web-v2', as: 'dev' },
  ];
  const { passed, said } = await shop.attempt({ steps });
  ok(passed, said);
  match(said, /Warning: dev went around delete: moved/);
});

test('with serin.dev/enforce: warn the rules say what they would refuse', async () => {
  ok((await shop.take({ kubectl: 'label namespace shop serin.dev/enforce=warn', as: 'dev' })).passed);
  await audited('namespace.guard.serin.dev/bypass', 'dev asks to take rules off namespace shop');
  const warned = await until('the label to be known', async () => {
    const answer = await shop.take({ kubectl: 'delete deployment web --dry-run=server' });
    return answer.passed && answer;
  });
  match(warned.said, /Warning: \[delete\] web is what Service \w+ and \w+ leads to/);
});
