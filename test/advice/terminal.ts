// A terminal of 80 columns without a cluster, for verbs that read files.
import { exit, type Args, type ExitCode, type Io, type Verb } from '../../src/plugin/verb.ts';
import { readArgs } from '../../src/plugin/args.ts';
import { systemClock } from '../../src/clock.ts';

export interface Said {
  readonly code: ExitCode;
  readonly out: string;
  readonly err: string;
}

/** Runs a verb with these words; files are those given, and the cluster, where one is given, is that. */
export async function run(
  verb: Verb,
  words: readonly string[],
  files: Readonly<Record<string, string>> = {},
  cluster: Io['cluster'] = () => Promise.reject(new Error('no cluster is asked')),
): Promise<Said> {
  const read = readArgs(verb, words);
  if ('mistakes' in read) return { code: exit.usage, out: '', err: read.mistakes.join('\n') };
  let [out, err] = ['', ''];
  const args: Args = read.args;
  const io: Io = {
    out: (text) => (out += text),
    err: (text) => (err += text),
    terminal: { isTty: false, colour: false, size: () => ({ columns: 80, rows: 25 }) },
    clock: systemClock,
    random: () => 0.5,
    env: {},
    signal: new AbortController().signal,
    readFile: async (path) => {
      const text = files[path];
      if (text === undefined) throw new Error('no such file');
      return text;
    },
    cluster,
  };
  const code = await verb.run(io, args);
  return { code, out, err };
}
