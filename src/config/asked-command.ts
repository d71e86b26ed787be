import { names } from '../kube/objects.ts';
import { type Command, type Verb, verbs } from '../rollout/command.ts';
import type { Json, State } from '../rollout/types.ts';
import { readDocument } from './document.ts';
import { Field, type Findings, mistakeText } from './field.ts';
import { parseJson } from './json.ts';
import { checkNames } from './known.ts';
import type { Corrupt } from './state.ts';

/** What a person says to a rollout. Who says it, and of which revision, is not theirs to write. */
export type Said = Pick<Command, 'do' | 'reason' | 'to'>;

/** `problem` is a sentence with what was seen and what would be right. */
export type ParsedCommand = { readonly said: Said } | { readonly problem: string };

/** Characters of a command and of its reason. */
const most = { text: 4096, reason: 500, revision: 64 };

/** `actor`, `revision` and `v` are read over: what was stamped may be sent again, and is stamped anew. */
const level = { known: ['do', 'reason', 'to', 'v', 'actor', 'revision'], refused: {}, noted: {} };

/** A word, or a word and why: `abort`, `abort: 5xx: since noon`. The rest of such a line need not be YAML. */
const short = /^([a-z]+)\s*(?::\s*(.*))?$/is;

/** Reads what somebody wrote in `serin.dev/command`: `abort`, `abort: why`, or a map of do, reason and to (YAML or JSON). */
export function parseCommand(text: string): ParsedCommand {
  if (text.length > most.text) {
    return { problem: `${names.command} is ${text.length} characters long; at most ${most.text} are read` };
  }
  const [, word, reason] = short.exec(text.trim()) ?? [];
  const isShort = word !== undefined && !level.known.includes(word);
  const read = isShort
    ? { value: { do: word, reason: reason === '' ? undefined : reason } }
    : readDocument(text);
  return 'problem' in read ? { problem: `${names.command} ${read.problem}` } : saidIn(read.value);
}

function saidIn(value: unknown): ParsedCommand {
  const findings: Findings = { mistakes: [], notes: [] };
  const root = new Field('', value, findings);
  const said = fieldsOf(root);
  const [wrong] = findings.mistakes;
  if (said !== undefined && wrong === undefined) return { said };
  const text = mistakeText(wrong ?? { path: '', problem: 'says nothing' }, names.command);
  return { problem: wrong?.path === '' ? text : `${names.command}: ${text}` };
}

function fieldsOf(root: Field): Said | undefined {
  if (!root.isMap) return root.expected(`one of ${verbs.join(', ')}, or a map of do, reason and to`);
  checkNames(root, level);
  const [verb, reason, to] = [root.at('do'), root.at('reason'), root.at('to')];
  verb.required(verbs.join(', '));
  const said = verb.choice<Verb>(verbs);
  if (to.isGiven && said !== undefined && said !== 'rollback')
    to.report(`is for rollback, and not for ${said}`);
  const [why, where] = [shortText(reason, most.reason), shortText(to, most.revision)];
  if (said === undefined) return undefined;
  return {
    do: said,
    ...(why === undefined ? {} : { reason: why }),
    ...(where === undefined ? {} : { to: where }),
  };
}

/** One line of a text that goes into terminals, events and logs. */
function shortText(field: Field, longest: number): string | undefined {
  const text = field.text()?.trim();
  if (text === undefined) return undefined;
  if (text.length > longest)
    return field.report(`is ${text.length} characters long; at most ${longest} are kept`);
  // Line separators and marks of direction too: what is shown must be what was written.
  if (/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u.test(text)) {
    return field.report('has control characters in it; write it in one line of plain text');
  }
  return text;
}

/** The one text of a command: the same command has the same, and guard-command.yaml knows its form. */
export function writeCommand({ do: verb, actor, revision, reason, to }: Command): string {
  return JSON.stringify({
    ...{ v: 1, do: verb, actor, revision },
    ...(reason === undefined ? {} : { reason }),
    ...(to === undefined ? {} : { to }),
  });
}

/**
 * The command of an annotation as the webhook left it; undefined where there is none. Another text that means the same
 * is not taken: one that names its actor twice might have passed for that of another.
 */
export function readCommand(
  annotations: { readonly [key: string]: Json } | undefined,
): Command | undefined | Corrupt {
  const text = annotations?.[names.command];
  if (text === undefined) return undefined;
  const corrupt = { corrupt: `${names.command} is not as Serin writes it` };
  if (typeof text !== 'string') return corrupt;
  const written = parseJson(text);
  const parsed = saidIn(written);
  if ('problem' in parsed || typeof written !== 'object' || written === null) return corrupt;
  const { actor, revision } = written as { readonly actor?: unknown; readonly revision?: unknown };
  if (typeof actor !== 'string' || typeof revision !== 'string') return corrupt;
  const command: Command = { v: 1, ...parsed.said, actor, revision };
  return writeCommand(command) === text ? command : corrupt;
}

/** What a person asks of this very rollout; undefined where nothing, or it is for another revision than the state's. */
export function commandOf(
  { metadata }: { readonly metadata: { readonly annotations?: { readonly [key: string]: string } } },
  { revision }: Pick<State, 'revision'>,
): Command | undefined {
  const command = readCommand(metadata.annotations);
  if (command === undefined || 'corrupt' in command) return undefined;
  return command.revision === revision ? command : undefined;
}
