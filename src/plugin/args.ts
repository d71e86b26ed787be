// The command line of one verb, read against its flags: every mistake at once, each with what would be right.
import { parseArgs } from 'node:util';
import { parseDuration } from '../config/duration.ts';
import { nearest } from '../config/nearest.ts';
import { everywhere } from './flags.ts';
import type { Args, Flag, Flags, Verb } from './verb.ts';

export type Read = { readonly args: Args } | { readonly mistakes: readonly string[] };

/** One option as it was written. */
interface Given {
  readonly name: string;
  /** With its dashes. */
  readonly raw: string;
  readonly value: string | undefined;
}

/** Reads what follows a verb's name. */
export function readArgs(verb: Verb, argv: readonly string[]): Read {
  const flags: Flags = { ...verb.flags, ...everywhere };
  const { given, positionals } = parsed(flags, argv);
  // Of a flag that is none the value would pass for a name.
  const isUnclear = given.some(({ name }) => name === 'help' || !Object.hasOwn(flags, name));
  const mistakes = [
    ...given.flatMap((each) => mistakeIn(verb, flags, each)),
    ...repeated(flags, given),
    ...(isUnclear ? [] : countMistake(verb, positionals)),
  ];
  return mistakes.length > 0 ? { mistakes } : { args: argsOf(given, positionals) };
}

/** The same of a line that is still being written. */
export function readLeniently(verb: Verb, argv: readonly string[]): Args {
  const { given, positionals } = parsed({ ...verb.flags, ...everywhere }, argv);
  return argsOf(given, positionals);
}

function parsed(
  flags: Flags,
  argv: readonly string[],
): { readonly given: readonly Given[]; readonly positionals: readonly string[] } {
  const options = Object.entries(flags).map(([name, { value, short }]) => {
    const type = value === undefined ? ('boolean' as const) : ('string' as const);
    return [name, { type, multiple: true, ...(short === undefined ? {} : { short }) }] as const;
  });
  const { tokens, positionals } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    ...{ allowPositionals: true, strict: false, tokens: true },
  });
  const given = tokens.flatMap((token) =>
    token.kind === 'option' ? [{ name: token.name, raw: token.rawName, value: token.value }] : [],
  );
  return { given, positionals };
}

function mistakeIn(verb: Verb, flags: Flags, { name, raw, value }: Given): readonly string[] {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  if (flag === undefined) return [unknown(verb, flags, name, raw)];
  if (flag.value === undefined) return value === undefined ? [] : [`${raw}: takes no value, got ${value}`];
  if (value === undefined || value === '') return [`${raw}: needs a value (${flag.value})`];
  return wrongValue(flag, raw, value);
}

function wrongValue({ choices, duration }: Flag, raw: string, value: string): readonly string[] {
  if (choices !== undefined && !choices.includes(value))
    return [`${raw}: ${value} given, one of ${choices.join(', ')} wanted`];
  if (duration === true && parseDuration(value) === undefined)
    return [`${raw}: ${value} given, a time as 90s, 10m or 1h30m wanted`];
  return [];
}

function unknown(verb: Verb, flags: Flags, name: string, raw: string): string {
  const near = raw.startsWith('--') ? nearest(name, Object.keys(flags)) : undefined;
  const hint = near === undefined ? '' : `; did you mean --${near}?`;
  return `${raw}: ${verb.name} has no such flag${hint}`;
}

function repeated(flags: Flags, given: readonly Given[]): readonly string[] {
  const twice = given.filter(
    ({ name }, index) =>
      flags[name]?.value !== undefined &&
      flags[name].multiple !== true &&
      given.findIndex((each) => each.name === name) < index,
  );
  return [...new Set(twice.map(({ name }) => `--${name}: said more than once`))];
}

function countMistake(verb: Verb, positionals: readonly string[]): readonly string[] {
  const { least, most, words } = verb.positionals;
  const extra = positionals.slice(most).map((each) => `${each}: not expected, the form is ${form(verb)}`);
  if (positionals.length < least)
    return [`${verb.name}: ${verb.takes} is missing, the form is ${form(verb)}`];
  if (words === undefined) return extra;
  const wrong = positionals.slice(0, most).filter((each) => !words.includes(each));
  return [...wrong.map((each) => `${each}: one of ${words.join(', ')} wanted`), ...extra];
}

/** How a verb is written. */
export function form({
  program = 'kubectl canary',
  name,
  takes,
}: Pick<Verb, 'program' | 'name' | 'takes'>): string {
  return `${program} ${name}${takes === '' ? '' : ` ${takes}`}`;
}

function argsOf(given: readonly Given[], positionals: readonly string[]): Args {
  const texts = (flag: string): readonly string[] =>
    given.flatMap(({ name, value }) => (name === flag && value !== undefined ? [value] : []));
  const text = (flag: string): string | undefined => texts(flag).at(-1);
  return {
    ...{ positionals, texts, text },
    isSet: (flag) => given.some(({ name }) => name === flag),
    ms: (flag) => {
      const value = text(flag);
      return value === undefined ? undefined : parseDuration(value);
    },
  };
}
