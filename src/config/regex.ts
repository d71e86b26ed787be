import { messageOf } from '../errors.ts';

/** Proxies match with RE2, which compiles in the time it takes to read; longer than this is no condition of a person's. */
const longest = 1024;

/** What RE2 has no words for, since it would need to go back. */
const ofOthers = /\(\?<?[=!]|\(\?>|\\[1-9]|\\k</;

/**
 * What is wrong with a regular expression in RE2's syntax, as far as the engine of JavaScript can tell; undefined where
 * nothing is. It is only compiled, never run: it would be the user's own way to halt the webhook.
 */
export function regexProblem(pattern: string): string | undefined {
  if (pattern.length > longest) return `is longer than ${longest} characters`;
  const plain = pattern.replaceAll(/\\\\/g, '');
  if (ofOthers.test(plain))
    return 'looks ahead, behind or back, which RE2 (the syntax of the proxies) cannot';
  try {
    RegExp(asJavaScript(pattern));
    return undefined;
  } catch (error) {
    return `is no regular expression: ${messageOf(error).split(': ').at(-1)}`;
  }
}

/** RE2 names groups by `?P<`, and sets flags for the rest of a group; neither changes whether it compiles. */
function asJavaScript(pattern: string): string {
  return pattern
    .replaceAll('(?P<', '(?<')
    .replaceAll(/\(\?[imsU-]+\)/g, '')
    .replaceAll(/\(\?[imsU-]+:/g, '(?:');
}
