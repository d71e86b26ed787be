// What somebody writes below a request: `/canary WORD [NAME] [reason...]` on the first line of a comment.
import { nearest } from '../config/nearest.ts';
import { span } from '../plugin/lines.ts';
import type { Shipped } from './shipped.ts';

/** What a rollout is told; each is a verb on deployments.serin.dev. */
export const commands = ['promote', 'abort', 'pause', 'resume', 'retry', 'rollback'] as const;
export const words = ['status', ...commands, 'plan'] as const;

export type Word = (typeof words)[number];

export type Comment =
  | { readonly kind: 'none' }
  | { readonly kind: 'unknown'; readonly near?: string }
  | { readonly kind: 'asked'; readonly word: Word; readonly rest: readonly string[] };

/** Longer lines are no commands, and are not looked at. */
const longest = 2_000;

/** Reads a comment; any text has a meaning, mostly none. */
export function readComment(text: string): Comment {
  const line =
    text
      .trimStart()
      .slice(0, longest)
      .split(/[\r\n]/, 1)[0] ?? '';
  const [first, said = 'status', ...rest] = line.split(/\s+/).filter((part) => part !== '');
  if (first !== '/canary') return { kind: 'none' };
  const word = words.find((each) => each === said.toLowerCase());
  if (word !== undefined) return { kind: 'asked', word, rest };
  const near = nearest(said, words);
  return { kind: 'unknown', ...(near === undefined ? {} : { near }) };
}

export type Choice =
  | { readonly kind: 'chosen'; readonly target: Shipped; readonly rest: readonly string[] }
  | { readonly kind: 'unclear'; readonly why: 'several' | 'near' | 'none' };

/**
 * Which of the rollouts is meant: the one that the first word names, or the only one; then every word is of the reason. A word
 * that is nearly a name is taken for neither.
 */
export function choose(rest: readonly string[], found: readonly Shipped[]): Choice {
  const [first = ''] = rest;
  const named = found.filter(({ namespace, name }) => first === name || first === `${namespace}/${name}`);
  const [target] = named;
  if (target !== undefined && named.length === 1) return { kind: 'chosen', target, rest: rest.slice(1) };
  if (named.length > 1) return { kind: 'unclear', why: 'several' };
  if (first.includes('/') || isNear(first, found)) return { kind: 'unclear', why: 'near' };
  const [only] = found;
  if (only === undefined) return { kind: 'unclear', why: 'none' };
  return found.length === 1 ? { kind: 'chosen', target: only, rest } : { kind: 'unclear', why: 'several' };
}

function isNear(word: string, found: readonly Shipped[]): boolean {
  const names = found.map(({ name }) => name);
  return word !== '' && nearest(word, names) !== undefined;
}

/** Of 500 characters that a reason may have (config/asked-command.ts). */
const mostOfReason = 500;

/** The reason that is kept with the command: what was written, and where. */
export function reasonOf(rest: readonly string[], url: string): string {
  const room = mostOfReason - url.length - 3;
  const said = Array.from(span(rest.join(' ')).text)
    .join('')
    .slice(0, Math.max(0, room))
    .trim();
  return said === '' ? url.slice(0, mostOfReason) : `${said} (${url})`;
}
