// What a person tells a rollout: written as the user, so that the API server knows who said it and whether they may.
import { readCommand } from '../config/asked-command.ts';
import { readState } from '../config/state.ts';
import { resources } from '../kube/objects.ts';
import type { Command, Verb as Word } from '../rollout/command.ts';
import { tell } from '../report/tell.ts';
import { noSuch, nameOf } from './find.ts';
import { untilHeeded } from './heeded.ts';
import { span } from './lines.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Says one of the words to a rollout; with `--wait` it comes back when that has come about. */
export async function say(word: Word, io: Io, args: Args): Promise<ExitCode> {
  const cluster = await io.cluster(args);
  const name = nameOf(args) ?? '';
  const main = await cluster.kube.get(resources.deployments, cluster.namespace, name);
  if (main === undefined) return refused(io, await noSuch(cluster, name));
  const state = readState(main.metadata.annotations);
  if (state === undefined)
    return refused(
      io,
      `cannot ${word} ${name}: nothing of it was ever on trial; kubectl canary status ${name} says more`,
    );
  const written = await tell(cluster.kube, main, textOf(word, args));
  const command = readCommand(written.metadata.annotations);
  if (command === undefined || 'corrupt' in command)
    return refused(
      io,
      `${name}: ${word} was written, and Serin did not take it: is namespace ${cluster.namespace} labelled, and the webhook there?`,
    );
  io.out(`${sentenceOf(name, command)}\n`);
  return args.isSet('wait') ? untilHeeded(io, args, cluster, { name, command }) : exit.done;
}

function refused(io: Io, sentence: string): ExitCode {
  io.err(`${span(sentence).text}\n`);
  return exit.failed;
}

/** As JSON: a reason may hold anything. */
function textOf(word: Word, args: Args): string {
  const [reason, to] = [args.text('reason'), args.text('to')];
  return JSON.stringify({
    do: word,
    ...(reason === undefined ? {} : { reason }),
    ...(to === undefined ? {} : { to }),
  });
}

const means: Readonly<Record<Word, string>> = {
  promote: 'its analysis ends as passed',
  abort: 'it is given up as failed, and stable takes all traffic',
  pause: 'its weight holds; checks go on, and may roll it back',
  resume: 'it goes on',
  retry: 'it is tried again from the start',
  rollback: 'what ran before becomes the candidate, without an analysis',
};

function sentenceOf(name: string, { do: word, actor, revision, reason, to }: Command): string {
  const why = reason === undefined ? '' : ` (${reason})`;
  const where = to === undefined ? '' : ` to revision ${to}`;
  const text = `${name}: ${actor} says ${word}${where} to revision ${revision}${why}: ${means[word]}`;
  return span(text).text;
}
