import type { File } from '../advice/lint.ts';
import { messageOf } from '../errors.ts';
import type { Args, Io } from './verb.ts';

/** The files that `-f` names; undefined where there are none or one cannot be read, which is said. */
export async function filesOf(io: Io, args: Args): Promise<readonly File[] | undefined> {
  const names = args.texts('file');
  if (names.length === 0) {
    io.err('-f: a file is missing, or - for standard input\n');
    return undefined;
  }
  const files: File[] = [];
  for (const path of names) {
    try {
      files.push({ name: path === '-' ? '<stdin>' : path, text: await io.readFile(path) });
    } catch (error) {
      io.err(`-f ${path}: cannot be read: ${messageOf(error)}\n`);
      return undefined;
    }
  }
  return files;
}
