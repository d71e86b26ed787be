import { join } from 'node:path';
import type { Bundle } from './assets.ts';

/** Bundles the page from its sources; rejects where they, or esbuild, are not there. */
export async function bundlePage(): Promise<Bundle> {
  const { build } = await import('esbuild');
  // The same from src and from dist.
  const folder = join(import.meta.dirname, '../../src/dashboard/page');
  const { outputFiles } = await build({
    entryPoints: ['main.tsx', 'style/page.css'].map((file) => ({ in: join(folder, file), out: 'page' })),
    outdir: '.',
    bundle: true,
    write: false,
    minify: true,
    format: 'esm',
    target: ['es2022'],
    legalComments: 'none',
    logLevel: 'silent',
  });
  const text = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { js: text('.js'), css: text('.css') };
}
