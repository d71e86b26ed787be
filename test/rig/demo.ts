// npm run demo: two releases of a shop on real parts, one promoted and one rolled back, with what they cost its users.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { messageOf } from '../../src/errors.ts';
import { castSvg } from './cast-svg.ts';
import { clusterStage } from './demo-cluster.ts';
import { release, type Stage } from './demo-release.ts';
import { plainShop, quickPlan, shop } from './demo-shop.ts';
import { embeddedStage } from './demo-embedded.ts';
import { type Load, type Snapshot, startLoad } from './load.ts';

const usage = `npm run demo -- [flags]
  --keep                 leaves everything up at the end and says how to reach it, until Ctrl-C
  --cluster              runs against the current kubeconfig context, which has Istio, Prometheus and Serin
    --gateway-url URL    its ingress gateway, on a loopback address
    --prometheus-url URL its Prometheus, as reached from here
    --images A,B,C       the shop's versions: healthy, healthy, one that fails 5 % (shop:1,shop:2,shop:3)
  --record FILE          writes the run as an animated SVG
`;
const flags = {
  keep: { type: 'boolean' },
  cluster: { type: 'boolean' },
  'gateway-url': { type: 'string' },
  'prometheus-url': { type: 'string' },
  images: { type: 'string', default: 'shop:1,shop:2,shop:3' },
  record: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;

const ratePerSecond = 100;
const begun = Date.now();
const lines: { at: number; text: string }[] = [];
const say = (text = ''): void => {
  lines.push({ at: Date.now() - begun, text });
  console.log(text);
};

function load(stage: Stage, host: string): Load {
  return startLoad({ url: stage.gatewayUrl, host, ratePerSecond, maxSeconds: 240, maxRequests: 24_000 });
}

async function must(stage: Stage, line: string, input?: string): Promise<void> {
  const { code, stderr } = await stage.kubectl(line, input);
  if (code !== 0) throw new Error(`kubectl ${line}: ${stderr.trim()}`);
}

/** Applies the shop twice: with Serin, and in a namespace without it. */
async function openShops(stage: Stage, image: string): Promise<void> {
  await must(stage, 'apply -f -', shop(image));
  await must(stage, 'apply -f -', quickPlan);
  await must(stage, 'apply -f -', plainShop(image));
  for (const namespace of ['shop', 'plain']) {
    await must(stage, `-n ${namespace} rollout status deployment/web --timeout=60s`);
  }
  say('Two equal shops are open: namespace shop is labelled serin.dev/mode: canary, namespace plain is not.');
}

async function healthyRelease(stage: Stage, image: string, visitors: Load): Promise<void> {
  say('\n1. A healthy version');
  visitors.mark('healthy');
  const { outcome, seconds, rolloutStatus } = await release(stage, 'shop', image, say);
  visitors.mark('between');
  const { sent, failed } = counted(visitors.snapshot(), 'healthy');
  say(
    `\n   ${outcome === 'Succeeded' ? 'Promoted' : outcome} in ${seconds.toFixed(0)} s, ${failed} of ${sent} requests failed.`,
  );
  say(`   kubectl rollout status: ${lastLine(rolloutStatus.stdout)} (exit ${rolloutStatus.code})`);
  expect(outcome === 'Succeeded', 'the healthy version is promoted');
  expect(rolloutStatus.code === 0, 'kubectl rollout status succeeds');
  expect(failed === 0, 'not one request fails');
}

async function badRelease(stage: Stage, image: string, visitors: Load, plainVisitors: Load): Promise<void> {
  say(
    '\n2. A version that fails 5 % of its requests; the plain shop gets it in the same moment, as a rolling update',
  );
  visitors.mark('bad');
  plainVisitors.mark('bad');
  await must(stage, `-n plain set image deployment/web web=${image}`);
  const { outcome, seconds, message, rolloutStatus } = await release(stage, 'shop', image, say);
  visitors.mark('after');
  plainVisitors.mark('after');
  const canary = counted(visitors.snapshot(), 'bad');
  const plain = counted(plainVisitors.snapshot(), 'bad');
  say(`\n   ${outcome === 'Failed' ? 'Rolled back' : outcome} in ${seconds.toFixed(0)} s: ${message}`);
  say(`   kubectl rollout status: ${lastLine(rolloutStatus.stderr)} (exit ${rolloutStatus.code})`);
  say(`   Errors met by users in these ${seconds.toFixed(0)} s, both shops at ${ratePerSecond} requests/s:`);
  say(`     with Serin             ${share(canary)}`);
  say(`     plain rolling update   ${share(plain)}, and it goes on until somebody notices`);
  expect(outcome === 'Failed', 'the bad version is rolled back');
  expect(rolloutStatus.code !== 0, 'kubectl rollout status fails');
  expect(canary.failed < plain.failed, 'fewer users meet an error than in a plain rolling update');
}

function counted(snapshot: Snapshot, phase: string): { readonly sent: number; readonly failed: number } {
  const counts = snapshot.byPhase.get(phase);
  return { sent: (counts?.ok ?? 0) + (counts?.failed ?? 0), failed: counts?.failed ?? 0 };
}

function share({ sent, failed }: { readonly sent: number; readonly failed: number }): string {
  return `${String(failed).padStart(4)} of ${sent} (${((100 * failed) / Math.max(sent, 1)).toFixed(2)} %)`;
}

const lastLine = (text: string): string => text.trim().split('\n').at(-1) ?? '';
const broken: string[] = [];
const expect = (holds: boolean, what: string): void => {
  if (!holds) broken.push(what);
};

async function demo(): Promise<void> {
  const { values } = parseArgs({ options: flags });
  if (values.help === true) return console.log(usage);
  const [first = '', second = '', third = ''] = values.images.split(',');
  const stage = values.cluster === true ? await clusterStage(values, say) : await embeddedStage(say);
  await openShops(stage, first);
  const visitors = load(stage, 'shop.example.com');
  const plainVisitors = load(stage, 'plain.example.com');
  await healthyRelease(stage, second, visitors);
  await badRelease(stage, third, visitors, plainVisitors);
  await Promise.all([visitors.stop(), plainVisitors.stop()]);
  for (const what of broken) say(`\nNOT as promised: ${what}`);
  if (values.record !== undefined) writeFileSync(values.record, castSvg(lines));
  if (values.keep === true) await stage.keep(say);
  await stage.close();
  const seconds = ((Date.now() - begun) / 1000).toFixed(0);
  say(`\nEverything is stopped; nothing is left behind. ${seconds} s in all.`);
}

try {
  await demo();
  process.exit(broken.length === 0 ? 0 : 1);
} catch (error) {
  console.error(`\nthe demo ends here: ${messageOf(error)}`);
  if (error instanceof Error && error.cause !== undefined) console.error(messageOf(error.cause));
  process.exit(1);
}
