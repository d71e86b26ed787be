// What may stand at the end of a command line: kubectl asks an executable `kubectl_complete-canary`, as cobra's __complete.
import { listAll } from '../kube/kube.ts';
import { isTwin } from '../kube/deployment.ts';
import { type Resource, resources } from '../kube/objects.ts';
import { readLeniently } from './args.ts';
import { everywhere } from './flags.ts';
import { span } from './lines.ts';
import { type Args, exit, type ExitCode, type Flag, type Io, type Verb } from './verb.ts';

/** Writes what the last of the words may become, each with what it is, and that no file is meant. */
export async function complete(
  verbs: readonly Verb[],
  {
    name,
    before,
    last,
  }: { readonly name: string | undefined; readonly before: readonly string[]; readonly last: string },
  io: Io,
): Promise<ExitCode> {
  const verb = verbs.find((each) => each.name === name);
  // Nothing is told where the cluster does not answer: a completion is no place for errors.
  const all =
    verb === undefined ? verbChoices(verbs) : await choicesOf(verb, before, last, io).catch(() => []);
  const fitting = all.filter(([text]) => text.startsWith(last));
  io.out(
    `${[...fitting.map(([text, about]) => (about === '' ? text : `${text}\t${about}`)), ':4'].join('\n')}\n`,
  );
  return exit.done;
}

type Choice = readonly [text: string, about: string];

function verbChoices(verbs: readonly Verb[]): readonly Choice[] {
  return verbs.map(({ name, summary }) => [name, summary]);
}

async function choicesOf(
  verb: Verb,
  before: readonly string[],
  last: string,
  io: Io,
): Promise<readonly Choice[]> {
  const flags = Object.entries({ ...verb.flags, ...everywhere });
  const args = readLeniently(verb, before);
  const previous = before.at(-1) ?? '';
  const open = flags.find(
    ([name, { short, value }]) => value !== undefined && [`--${name}`, `-${short}`].includes(previous),
  );
  if (open !== undefined) return valuesOf(open[0], open[1], args, io);
  if (last.startsWith('-')) return flags.map(([name, { about }]) => [`--${name}`, about]);
  const { most, words } = verb.positionals;
  if (args.positionals.length >= most) return [];
  if (words !== undefined) return words.map((word) => [word, '']);
  return named(resources.deployments, args, io);
}

async function valuesOf(flag: string, { choices }: Flag, args: Args, io: Io): Promise<readonly Choice[]> {
  if (choices !== undefined) return choices.map((choice) => [choice, '']);
  return flag === 'namespace' ? named(resources.namespaces, args, io) : [];
}

async function named(resource: Resource, args: Args, io: Io): Promise<readonly Choice[]> {
  const { kube, namespace } = await io.cluster(args);
  const objects = (await listAll(kube, resource, resource.namespaced ? { namespace } : {})) ?? [];
  return objects.filter((each) => !isTwin(each)).map(({ metadata }) => [span(metadata.name).text, '']);
}
