// Everything that can be known of the code without running it. Each line is a program anyone can run by hand.
import { spawnSync } from 'node:child_process';

const checks: readonly (readonly [string, ...string[]])[] = [
  ['tsc', '-p', '.'],
  ['tsc', '-p', 'src/rollout'],
  ['tsc', '-p', 'src/analysis'],
  ['tsc', '-p', 'src/routing'],
  ['tsc', '-p', 'src/dashboard/page'],
  ['oxlint', '--type-aware'],
  ['biome', 'format', '.'],
  ['knip'],
];

let failed = 0;
for (const [program, ...args] of checks) {
  const run = spawnSync(`node_modules/.bin/${program}`, args, { encoding: 'utf8' });
  if (run.status === 0) continue;
  failed += 1;
  console.log(`not ok: ${program} ${args.join(' ')}\n${run.stdout}${run.stderr}`);
}
console.log(`${checks.length - failed} checks passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
