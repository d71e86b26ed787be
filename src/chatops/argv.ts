// A comment as a command line. Its words are values and never flags: who writes a comment is not at this machine.
import type { Word } from './comment.ts';
import { reasonOf } from './comment.ts';
import type { Target } from './shipped.ts';

export type Commands = readonly string[];

/** As in `web=registry.example/shop:2@sha256:...`. */
const image = /^[\w.-]+=[\w][\w./:@-]*$/;

/** The line that does it; undefined where the words do not say what is needed. */
export function argvOf(
  word: Word,
  { namespace, name }: Target,
  rest: readonly string[],
  url: string,
): Commands | undefined {
  const where = ['--namespace', namespace];
  if (word === 'status') return ['status', name, ...where];
  if (word !== 'plan') return [word, name, ...where, `--reason=${reasonOf(rest, url)}`];
  if (rest.length === 0 || !rest.every((each) => image.test(each))) return undefined;
  return ['plan', name, ...where, ...rest.map((each) => `--image=${each}`)];
}
