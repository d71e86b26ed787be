// kubectl-canary as one file: the program and the page inside a Node of the platform it is for (single executable
// application, https://nodejs.org/docs/latest-v24.x/api/single-executable-applications.html).
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { bundlePage } from '../../src/dashboard/bundle.ts';

const root = join(import.meta.dirname, '../..');
const sentinel = 'NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2';

/** Bundles the program into one script of `folder`; answers where it is. */
export async function bundleProgram(folder: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const program = join(folder, 'kubectl-canary.cjs');
  await build({
    entryPoints: [join(root, 'src/kubectl-canary.ts')],
    outfile: program,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'cjs',
    minify: true,
    legalComments: 'linked',
    // Only a source checkout bundles the page when it is asked for.
    external: ['esbuild'],
    define: { 'import.meta.dirname': '__dirname', 'import.meta.filename': '__filename' },
    logLevel: 'error',
  });
  return program;
}

/** Bundles program and page into the blob that every platform's Node takes; answers where it is. */
export async function makeBlob(folder: string): Promise<string> {
  const program = await bundleProgram(folder);
  const { js, css } = await bundlePage();
  const assets = { 'page.js': join(folder, 'page.js'), 'page.css': join(folder, 'page.css') };
  writeFileSync(assets['page.js'], js);
  writeFileSync(assets['page.css'], css);
  const output = join(folder, 'kubectl-canary.blob');
  const config = join(folder, 'sea.json');
  writeFileSync(
    config,
    JSON.stringify({ main: program, output, assets, disableExperimentalSEAWarning: true }),
  );
  run(process.execPath, ['--experimental-sea-config', config]);
  return output;
}

/** Puts the blob into a copy of the Node at `node`; answers the executable. */
export function makeExecutable(blob: string, node: string, file: string, isMac = false): string {
  copyFileSync(node, file);
  chmodSync(file, 0o755);
  const postject = join(root, 'node_modules/postject/dist/cli.js');
  const segment = isMac ? ['--macho-segment-name', 'NODE_SEA'] : [];
  run(process.execPath, [postject, file, 'NODE_SEA_BLOB', blob, '--sentinel-fuse', sentinel, ...segment]);
  return file;
}

/** Runs a program to its end; what it said is thrown where it fails. */
export function run(file: string, args: readonly string[], cwd = root): string {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 2 ** 27,
  });
  if (status === 0) return stdout;
  throw new Error(`${file} ${args.join(' ')}: ${error?.message ?? (stderr || stdout).trim()}`);
}

/** The version that everything of this checkout carries. */
export const version = (JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string })
  .version;
