// npm run bench:rollout: what a rollout costs the API server, and how fast Serin does what it sees to be due, on real parts
// under load. With `-- --json` the last line is one JSON object; ratios are against the limits that the project has set.
import type { AuditEvent } from '../../rig/audit.ts';
import { until } from '../../rig/processes.ts';
import { openShop, patient, stateOf } from '../../rig/shop-lab.ts';
import { median } from '../statistics.ts';
import { callsBetween, type Calls, receivedAt, total } from './calls.ts';
import { momentsOf } from './moments.ts';

/** What the project holds itself to. */
const limits = { perStep: 3, perRollout: 34, waitMs: 100 };
const idleMs = 60_000;
const abortedReleases = 5;
const steps = [10, 20, 30, 40, 50];

const plan = (interval: string, weights: readonly number[]): string => `analysis:
  interval: ${interval}
  threshold: 2
  stepWeights: [${weights.join(', ')}]
`;

const shop = await openShop((object) => (object.kind === 'HorizontalPodAutoscaler' ? undefined : object));
const setPlan = (text: string): Promise<string> => {
  const metadata = { name: 'serin', namespace: 'shop' };
  const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'canary.yaml': text } };
  return shop.kubectl('apply -f -', JSON.stringify(object));
};

interface Costs {
  readonly whole: Calls;
  /** One entry for each advance from one weight to the next. */
  readonly advances: readonly Calls[];
}

/** The whole release, and each advance between the routes of two weights. */
function costsOf(events: readonly AuditEvent[], from: number, to: number): Costs {
  const weights = events.filter(
    ({ user, verb, objectRef, ...event }) =>
      user.username.endsWith(':serin') &&
      verb === 'patch' &&
      objectRef?.resource === 'virtualservices' &&
      JSON.stringify(event.requestObject ?? null).includes('"weight\\":'),
  );
  const times = weights.map(receivedAt).filter((at) => at >= from && at < to);
  const advances = times
    .slice(0, steps.length - 1)
    .map((at, index) => callsBetween(events, at, times[index + 1] ?? to));
  return { whole: callsBetween(events, from, to), advances };
}

async function goodRelease(): Promise<Costs> {
  await setPlan(plan('6s', steps));
  const from = Date.now();
  const { state } = await shop.release('shop:2');
  if (state.phase !== 'Succeeded') throw new Error(`not promoted: ${JSON.stringify(state)}`);
  await shop.kubectl('-n shop wait --for=delete deployment/web-canary --timeout=60s');
  return costsOf(await shop.audit(), from, Date.now());
}

async function idleMinute(): Promise<Calls> {
  const from = Date.now();
  await new Promise((resolve) => setTimeout(resolve, idleMs));
  return callsBetween(await shop.audit(), from, Date.now());
}

/** A release that a person gives up once it has weight. */
async function abortedRelease(image: string) {
  const from = Date.now();
  const { ended } = await shop.ask(image);
  const hasWeight = async () => {
    const state = stateOf(await shop.main());
    return state.phase === 'Progressing' && state.weight > 0;
  };
  await until('a weight', hasWeight, patient);
  await new Promise((resolve) => setTimeout(resolve, 1_000));
  await shop.kubectl('-n shop annotate deployment/web serin.dev/command=abort --overwrite');
  await ended;
  return momentsOf(await shop.audit(), from, Date.now());
}

const listed = ({ by }: Calls): void => {
  for (const [call, count] of Object.entries(by)) console.log(`  ${String(count).padStart(3)}  ${call}`);
};
const good = await goodRelease();
console.log(
  `weights ${steps.join(', ')}, promoted: ${total(good.whole)} calls, ${good.whole.writes} of them writes`,
);
listed(good.whole);
console.log(`each advance: ${good.advances.map(total).join(', ')} calls`);
const idle = await idleMinute();
console.log(`an idle minute: ${total(idle)} calls`);
listed(idle);

await setPlan(plan('30s', [20, 60]));
const waits: Awaited<ReturnType<typeof abortedRelease>>[] = [];
for (let n = 0; n < abortedReleases; n += 1) waits.push(await abortedRelease(`shop:${n + 3}`));
const middle = (values: readonly (number | undefined)[]): number =>
  median(values.map((value) => value ?? Number.POSITIVE_INFINITY));
const [applyToTwinMs, availableToWeightMs, abortToWeight0Ms] = [
  middle(waits.map(({ twinMs }) => twinMs)),
  middle(waits.map(({ firstWeightMs }) => firstWeightMs)),
  middle(waits.map(({ abortMs }) => abortMs)),
];
console.log(`medians of ${abortedReleases} releases, by the clock of the API server:`);
console.log(`  ${applyToTwinMs.toFixed(0)} ms from apply to twin`);
console.log(`  ${availableToWeightMs.toFixed(0)} ms from the twin's first available pod to its first weight`);
console.log(`  ${abortToWeight0Ms.toFixed(0)} ms from abort to weight 0`);
if (process.argv.includes('--json')) {
  const perStep = Math.max(...good.advances.map(total));
  const ratios = {
    perStep: perStep / limits.perStep,
    perRollout: total(good.whole) / limits.perRollout,
    applyToTwin: applyToTwinMs / limits.waitMs,
    availableToWeight: availableToWeightMs / limits.waitMs,
    abortToWeight0: abortToWeight0Ms / limits.waitMs,
  };
  const counts = { perStep, perIdleMinute: total(idle), perRollout: total(good.whole) };
  const figures = {
    ...counts,
    writesPerRollout: good.whole.writes,
    applyToTwinMs,
    availableToWeightMs,
    abortToWeight0Ms,
  };
  console.log(JSON.stringify({ name: 'rollout', ratios, figures }));
}
await shop.close();
process.exit(0);
