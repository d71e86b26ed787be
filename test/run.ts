// Runs the checks and the tests: `npm test`, or `npm test -- <part of a path>...` for some of the test files.
// Files outside test/cluster run two at a time; those in it each boot a cluster of their own and run one after another.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { join, relative } from 'node:path';
import { run } from 'node:test';
import type { TestEvent } from 'node:test/reporters';
import { inspect } from 'node:util';
import { whenParentIsGone } from './rig/parent.ts';
import { allTools, toolchain } from './rig/toolchain.ts';

const root = join(import.meta.dirname, '..');
const clusterFolder = 'test/cluster/';
const total = { passed: 0, failed: 0, skipped: 0 };

/** What a test file has shown so far. */
interface Report {
  passed: number;
  failed: number;
  /** Printed only where one of its tests failed. */
  output: string;
}

type Ended = Extract<TestEvent, { type: 'test:pass' | 'test:fail' }>;

await main(process.argv.slice(2));

async function main(filters: readonly string[]): Promise<void> {
  whenParentIsGone(() => process.exit(1));
  process.env['SERIN_PARENT_PID'] = String(process.pid);
  if (filters.length === 0) check();
  const files = globSync('test/**/*.test.ts', { cwd: root })
    .filter((file) => filters.length === 0 || filters.some((part) => file.includes(part)))
    .sort();
  const isOfCluster = (file: string): boolean => file.startsWith(clusterFolder);
  const clusterFiles = files.filter(isOfCluster);
  await runFiles(
    files.filter((file) => !isOfCluster(file)),
    { atATime: 2, minutes: 10 },
  );
  if (clusterFiles.length > 0) {
    // Here, where the progress is seen; each file asks again and finds everything in the cache.
    await toolchain(allTools, console.log);
    await runFiles(clusterFiles, { atATime: 1, minutes: 15 });
  }
  if (files.length === 0) console.log(`no test file has ${filters.join(' or ')} in its path`);
  if (total.skipped > 0) console.log(`${total.skipped} skipped or open`);
  console.log(`${total.passed} passed, ${total.failed} failed`);
  process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
}

/** test/check.ts says in its last line how many checks it made. */
function check(): void {
  const begun = Date.now();
  const { stdout, stderr } = spawnSync(process.execPath, ['test/check.ts'], { cwd: root, encoding: 'utf8' });
  const counts = /(\d+) checks passed, (\d+) failed\s*$/.exec(stdout);
  const [passed, failed] = counts === null ? [0, 1] : [Number(counts[1]), Number(counts[2])];
  total.passed += passed;
  total.failed += failed;
  show('test/check.ts', { passed, failed, output: `${stdout}${stderr}` }, Date.now() - begun);
}

interface Pace {
  readonly atATime: number;
  /** A file that takes longer is stopped and has failed. */
  readonly minutes: number;
}

async function runFiles(files: readonly string[], { atATime, minutes }: Pace): Promise<void> {
  // run() without files would look for some by itself.
  if (files.length === 0) return;
  const reports = new Map(
    files.map((file): [string, Report] => [file, { passed: 0, failed: 0, output: '' }]),
  );
  const stream: AsyncIterable<TestEvent> = run({
    files: files.map((file) => join(root, file)),
    concurrency: atATime,
    timeout: minutes * 60_000,
  });
  for await (const event of stream) {
    const file = fileOf(event.data);
    const report = reports.get(file);
    if (report === undefined) continue;
    if (event.type === 'test:stdout' || event.type === 'test:stderr') report.output += event.data.message;
    else if (event.type === 'test:diagnostic') report.output += `${event.data.message}\n`;
    else if (event.type === 'test:summary') show(file, report, event.data.duration_ms);
    else if (event.type === 'test:pass' || event.type === 'test:fail') end(file, report, event);
  }
}

/** The test file an event belongs to; a test may stand in another file that it imports. */
function fileOf(data: TestEvent['data']): string {
  const { entryFile, file } = { entryFile: undefined, file: undefined, ...data } as Record<string, unknown>;
  const path = entryFile ?? file;
  return typeof path === 'string' ? relative(root, path) : '';
}

function end(file: string, report: Report, { type, data }: Ended): void {
  const isSuite = data.details.type === 'suite';
  if (isSuite && type === 'test:pass') return;
  if (data.skip !== undefined || data.todo !== undefined) {
    total.skipped += 1;
    const why = typeof data.todo === 'string' ? `: ${data.todo}` : '';
    console.log(`${data.todo === undefined ? 'skip' : 'open'}  ${file} > ${data.name}${why}`);
    return;
  }
  // The process of a file is reported like a test when it ends badly, or when there was no test in it.
  const isWholeFile = data.nesting === 0 && join(root, file) === data.name;
  if (type === 'test:pass' && !isWholeFile) {
    report.passed += 1;
    total.passed += 1;
    return;
  }
  // Its own tests or steps failed, and each of them is shown and counted.
  if (
    type === 'test:fail' &&
    'failureType' in data.details.error &&
    data.details.error.failureType === 'subtestsFailed'
  ) {
    return;
  }
  report.failed += 1;
  total.failed += 1;
  const why = type === 'test:pass' ? 'there is no test in this file' : readable(data.details.error.cause);
  console.log(`\nFAILED ${file}${isWholeFile ? '' : `:${data.line} > ${data.name}`}\n${indent(why)}\n`);
  if (isWholeFile) show(file, report, data.details.duration_ms);
}

function show(file: string, report: Report, durationMs: number): void {
  const verdict = report.failed === 0 ? 'ok  ' : 'FAIL';
  const counts = report.failed === 0 ? `${report.passed}` : `${report.passed}, ${report.failed} failed`;
  console.log(`${verdict}  ${file}  ${counts}  ${(durationMs / 1000).toFixed(1)} s`);
  if (report.failed === 0 || report.output === '') return;
  console.log(indent(report.output.trimEnd()));
  report.output = '';
}

/** An error without the test runner's own part of the stack. */
function readable(error: unknown): string {
  return inspect(error).replace(/^ +at .*\(?node:internal.*\n/gm, '');
}

function indent(text: string): string {
  return text.replace(/^/gm, '    ');
}
