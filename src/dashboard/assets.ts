import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getAsset, isSea } from 'node:sea';
import { SerinError, messageOf } from '../errors.ts';

interface Asset {
  readonly type: string;
  readonly body: string;
}

/** What the server serves, by path. */
export type Assets = ReadonlyMap<string, Asset>;

/** The page's script and style, as one text each. */
export interface Bundle {
  readonly js: string;
  readonly css: string;
}

/** The page: from the executable it is part of, from where `npm run build` put it, or bundled now in a source checkout. */
export async function loadAssets(): Promise<Assets> {
  return assetsOf(await loadBundle());
}

async function loadBundle(): Promise<Bundle> {
  if (isSea()) return { js: getAsset('page.js', 'utf8'), css: getAsset('page.css', 'utf8') };
  const folder = join(import.meta.dirname, 'page');
  const built = { js: join(folder, 'page.js'), css: join(folder, 'page.css') };
  if (existsSync(built.js))
    return { js: readFileSync(built.js, 'utf8'), css: readFileSync(built.css, 'utf8') };
  try {
    const { bundlePage } = await import('./bundle.ts');
    return await bundlePage();
  } catch (cause: unknown) {
    throw new SerinError(
      'CONFIG_INVALID',
      `the page was not built, and cannot be built here (${messageOf(cause)}): npm run build`,
      { cause },
    );
  }
}

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>Serin</title>
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/page.css">
<script type="module" src="/page.js"></script>
</head>
<body>
<div id="page"></div>
<noscript>The dashboard is a program that runs in the browser; kubectl canary list shows the same without one.</noscript>
</body>
</html>
`;

/** A perch with two birds on it: the one that stays, and the one that is tried. */
const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">
<path d="M3 25h26" stroke="#7d8590" stroke-width="2.5" stroke-linecap="round"/>
<circle cx="11" cy="17" r="6" fill="#2b7fb0"/><circle cx="22" cy="19" r="4" fill="#e0a020"/>
</svg>
`;

function assetsOf({ js, css }: Bundle): Assets {
  return new Map<string, Asset>([
    ['/', { type: 'text/html; charset=utf-8', body: html }],
    ['/page.js', { type: 'text/javascript; charset=utf-8', body: js }],
    ['/page.css', { type: 'text/css; charset=utf-8', body: css }],
    ['/icon.svg', { type: 'image/svg+xml', body: icon }],
  ]);
}
