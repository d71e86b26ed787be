// npm run bench:admission: what the webhook costs. With `-- --json` the last line is one JSON object.
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { existsSync } from 'node:fs';
import { enterNamespace } from '../../rig/namespace.ts';
import { run } from '../../rig/run-program.ts';
import { controlPlaneTools, toolchain } from '../../rig/toolchain.ts';
import { measureLatency } from './latency.ts';
import { measuredReview } from './review.ts';
import { measureThroughput } from './throughput.ts';

/** What is compared with; not a dependency of ours, so it has a folder of its own. */
const express = 'express@5.3.0';

async function expressFolder(): Promise<string> {
  const folder = join(
    process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'),
    'serin',
    express.replace('@', '-'),
  );
  if (existsSync(join(folder, 'node_modules/express/package.json'))) return folder;
  await mkdir(folder, { recursive: true });
  await run('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--save-exact', express]);
  return folder;
}

const { stateDir, prepared } = await enterNamespace(async () => ({
  binaries: await toolchain(controlPlaneTools),
  folder: await expressFolder(),
}));
const body = measuredReview();
const throughput = await measureThroughput({ body, rounds: 9, requests: 1000, folder: prepared.folder });
const latency = await measureLatency({ stateDir, binaries: prepared.binaries, patches: 1000 });

const ms = (value: number): string => `${value.toFixed(2)} ms`;
console.log(`a review of ${body.length} bytes that is held, over TLS, connections kept:`);
for (const [name, { perCoreSecond, p50Ms, p99Ms }] of Object.entries(throughput.figures))
  console.log(
    `  ${name.padEnd(8)} ${perCoreSecond} requests a second and core, p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}`,
  );
const { toBare, toExpress } = throughput.ratios;
console.log(
  `  ${toBare.toFixed(2)} of a bare server, ${toExpress.toFixed(2)} times express (medians of rounds taken in turns)`,
);
console.log('a PATCH of a template on kube-apiserver:');
for (const [name, { p50Ms, p99Ms }] of Object.entries({
  with: latency.with,
  without: latency.without,
  added: latency.added,
}))
  console.log(`  ${name.padEnd(8)} p50 ${ms(p50Ms)}, p99 ${ms(p99Ms)}`);
console.log(`calls for what is not ours: ${latency.callsForOthers}`);
if (process.argv.includes('--json')) {
  const ratios = { toBare, toExpress };
  console.log(JSON.stringify({ name: 'admission', ratios, figures: { ...throughput.figures, latency } }));
}
process.exit(0);
