import { realIo } from '../plugin/process.ts';
import { run } from '../plugin/run.ts';
import { promoteVerb } from './verb.ts';

/** `serin promote`, with the words of this process. */
export async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  process.exitCode = await run([promoteVerb], argv, realIo(argv));
}
