// The command line as a whole: which verb, whether it is well said, and what an error means to whoever asked.
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { type Code, messageOf, SerinError } from '../errors.ts';
import { readArgs } from './args.ts';
import { complete } from './complete.ts';
import { clusterFlags } from './flags.ts';
import { helpText, verbHelp } from './help.ts';
import { span } from './lines.ts';
import { exit, type ExitCode, type Io, type Verb } from './verb.ts';

/** Runs what the words say; whatever happens is told on `io`, and answered as an exit code. */
export async function run(verbs: readonly Verb[], argv: readonly string[], io: Io): Promise<ExitCode> {
  if (argv[0] === '__complete') return completed(verbs, argv.slice(1), io);
  const { name, rest } = verbIn(argv);
  if (name === undefined || name === 'help') return help(verbs, rest, io);
  const verb = verbs.find((each) => each.name === name);
  if (verb === undefined) return mistaken(io, [noSuchVerb(verbs, name)]);
  const read = readArgs(verb, rest);
  if ('mistakes' in read) return mistaken(io, read.mistakes, verb);
  if (read.args.isSet('help')) {
    io.out(verbHelp(verb));
    return exit.done;
  }
  try {
    return await verb.run(io, read.args);
  } catch (error) {
    return failed(io, error);
  }
}

function completed(verbs: readonly Verb[], words: readonly string[], io: Io): Promise<ExitCode> {
  const { name, rest } = verbIn(words.slice(0, -1));
  return complete(verbs, { name, before: rest, last: words.at(-1) ?? '' }, io);
}

/** The verb is the first word that is no flag's: `kubectl canary -n shop status web` is said as often as the other way. */
function verbIn(argv: readonly string[]): { readonly name?: string; readonly rest: readonly string[] } {
  const options = Object.entries(clusterFlags).map(([name, { short }]) => {
    return [name, { type: 'string' as const, ...(short === undefined ? {} : { short }) }] as const;
  });
  const { tokens } = parseArgs({
    args: [...argv],
    options: Object.fromEntries(options),
    ...{ strict: false, allowPositionals: true, tokens: true },
  });
  const found = tokens.find(({ kind }) => kind === 'positional');
  if (found?.kind !== 'positional') return { rest: argv };
  return { name: found.value, rest: [...argv.slice(0, found.index), ...argv.slice(found.index + 1)] };
}

function help(verbs: readonly Verb[], rest: readonly string[], io: Io): ExitCode {
  const words = rest.filter((each) => !['-h', '--help'].includes(each));
  const [name] = words;
  if (name === undefined) {
    io.out(helpText(verbs));
    return exit.done;
  }
  const verb = verbs.find((each) => each.name === name);
  if (verb === undefined) return mistaken(io, [noSuchVerb(verbs, name)]);
  io.out(verbHelp(verb));
  return exit.done;
}

function noSuchVerb(verbs: readonly Verb[], name: string): string {
  const names = verbs.map((each) => each.name);
  const near = nearest(name, names);
  return `${name}: no such verb${near === undefined ? `; there are ${names.join(', ')}` : `; did you mean ${near}?`}`;
}

function mistaken(io: Io, mistakes: readonly string[], verb?: Verb): ExitCode {
  const ours = `kubectl canary help${verb === undefined ? '' : ` ${verb.name}`}`;
  const more = `${verb?.program === undefined ? ours : `${verb.program} ${verb.name} --help`} says more`;
  io.err(`${[...mistakes.map((each) => span(each).text), more].join('\n')}\n`);
  return exit.usage;
}

/** What the API server said, without what it says around it, and what would help. */
function failed(io: Io, error: unknown): ExitCode {
  const { said, hint, code } = explained(error);
  io.err(
    `${said
      .split('\n')
      .map((line) => span(line).text)
      .join('\n')}${hint === undefined ? '' : `\n${hint}`}\n`,
  );
  return code;
}

interface Explained {
  readonly said: string;
  readonly hint?: string;
  readonly code: ExitCode;
}

function explained(error: unknown): Explained {
  const message = messageOf(error);
  if (!(error instanceof SerinError)) return { said: message, code: exit.failed };
  const denied = /denied (?:the )?request: (.*)$/s.exec(message)?.[1];
  if (denied !== undefined) return { said: denied, code: exit.failed };
  const hint = hints[error.code];
  return {
    said: message,
    ...(hint === undefined ? {} : { hint }),
    code: codes[error.code] ?? exit.failed,
  };
}

const codes: Partial<Readonly<Record<Code, ExitCode>>> = {
  CONFIG_INVALID: exit.usage,
  KUBE_UNREACHABLE: exit.undecided,
  KUBE_BUSY: exit.undecided,
};

const hints: Partial<Readonly<Record<Code, string>>> = {
  KUBE_FORBIDDEN: 'ask somebody who may give you that right; kubectl auth can-i says what you have',
  KUBE_UNREACHABLE: 'is the cluster up, and is it the one you mean? kubectl config current-context',
  KUBE_BUSY: 'try again in a moment',
  KUBE_CONFLICT: 'the Deployment is written all the time; try again',
};
