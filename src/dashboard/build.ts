// Puts the page where the compiled server looks for it: node dist/dashboard/build.js
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundlePage } from './bundle.ts';

const folder = join(import.meta.dirname, 'page');
const { js, css } = await bundlePage();
mkdirSync(folder, { recursive: true });
writeFileSync(join(folder, 'page.js'), js);
writeFileSync(join(folder, 'page.css'), css);
