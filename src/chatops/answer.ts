// One comment from its words to its answer: who says it, of what, whether they may, and what comes of it.
import type { Logger } from 'pino';
import type { Clock, Random } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { MayDo } from '../kube/access.ts';
import type { Impersonated } from '../kube/impersonate.ts';
import type { Kube } from '../kube/kube.ts';
import { exit } from '../plugin/verb.ts';
import type { OpenApi } from './access.ts';
import { argvOf } from './argv.ts';
import { choose, type Choice, commands, readComment, type Word, words } from './comment.ts';
import type { Said } from './event.ts';
import { follow } from './follow.ts';
import type { Follows } from './follows.ts';
import { openThread } from './forges.ts';
import type { Marked } from './marked.ts';
import { block, code } from './markdown.ts';
import { runAs, type Running } from './run-as.ts';
import { type ForgeSettings, type Settings, targetsOf } from './settings.ts';
import { type Shipped, shippedBy } from './shipped.ts';
import type { Mark, Thread } from './thread.ts';

export interface Chatops {
  readonly settings: () => Promise<Settings>;
  readonly open: OpenApi;
  /** As the process itself: to find rollouts, and nothing else. */
  readonly kube: Kube;
  /** As somebody. */
  readonly as: (who: Impersonated) => Running['cluster'];
  readonly mayDo: MayDo;
  readonly follows: Follows;
  readonly marked: Marked;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Pick<Logger, 'info' | 'warn'>;
  readonly signal: AbortSignal;
}

interface Asking {
  readonly said: Said;
  readonly who: Impersonated;
  readonly word: Word;
  readonly thread: Thread;
}

/** Does what a comment says, and answers below it. Never throws. */
export async function answer(chatops: Chatops, said: Said): Promise<void> {
  const { log } = chatops;
  const { forge, repository, number, author, id } = said;
  const about = { forge, repository, number, author, comment: id };
  let thread: Thread | undefined;
  try {
    const settings = (await chatops.settings())[forge];
    if (settings === undefined) return;
    thread = await openThread(chatops.open, settings, said);
    await heed(chatops, settings, said, thread);
    log.info(about, 'answered');
  } catch (error) {
    log.warn({ ...about, why: messageOf(error) }, 'not answered');
    await thread?.say(troubled).catch(() => undefined);
  }
}

const troubled =
  'This could not be done just now: the log of `serin chatops` says why. Nothing else was tried.';

async function heed(chatops: Chatops, settings: ForgeSettings, said: Said, thread: Thread): Promise<void> {
  const comment = readComment(said.text);
  const who = settings.people.get(said.author.toLowerCase());
  if (comment.kind === 'none') return;
  if (who === undefined) return void (await thread.say(stranger(said.author)));
  if (comment.kind === 'unknown') return void (await thread.say(unknown(comment.near)));
  const { word, rest } = comment;
  const mapped = targetsOf(settings, said.repository);
  const commits = await thread.commits();
  const found = (await shippedBy(chatops.kube, commits, mapped)).map((each) => named(each, commits));
  const asking = { said, who, word, thread };
  if (word === 'status' && rest.length === 0 && found.length > 1)
    return eachOf(found, (target) => does(chatops, asking, target, []));
  const choice = choose(rest, found);
  if (choice.kind === 'unclear') return void (await thread.say(unclear(choice.why, found)));
  await does(chatops, asking, choice.target, choice.rest);
}

/** What the settings name says no commit: its status is then that of the newest. */
function named(target: Shipped, [newest]: readonly string[]): Shipped {
  return target.sha === undefined && newest !== undefined ? { ...target, sha: newest } : target;
}

/** Comments in a thread: one after the other. */
async function eachOf(found: readonly Shipped[], run: (target: Shipped) => Promise<void>): Promise<void> {
  for (const target of found.slice(0, mostShown)) await run(target);
}

const mostShown = 10;

async function does(
  chatops: Chatops,
  { said, who, word, thread }: Asking,
  target: Shipped,
  rest: readonly string[],
): Promise<void> {
  const { log, follows, marked } = chatops;
  const argv = argvOf(word, target, rest, said.url);
  if (argv === undefined) return void (await thread.say(howToPlan));
  if (!(await may(chatops, who, word, target))) return void (await thread.say(refused(who, word, target)));
  const running: Running = { ...chatops, cluster: chatops.as(who) };
  const written = await runAs(running, argv);
  const isScreen = word === 'status' || word === 'plan';
  const lead = isScreen ? '' : `${block(written.text)}\n\n`;
  if (written.code !== exit.done || word === 'plan') return void (await thread.say(block(written.text)));
  const screen = isScreen ? written : await runAs(running, argvOf('status', target, [], said.url) ?? []);
  const comment = await thread.say(lead + block(screen.text));
  const told = { edit: thread.edit, mark: (mark: Mark) => marked.mark(said, mark, async () => thread) };
  const following = { target, thread: told, comment, lead, url: said.url, isTold: !isScreen };
  const key = [said.forge, said.repository, said.number, target.namespace, target.name].join(' ');
  const isFollowed = follows.start(key, (signal) =>
    follow({ ...chatops, cluster: running.cluster }, following, signal).catch((error: unknown) =>
      log.warn({ rollout: `${target.namespace}/${target.name}`, why: messageOf(error) }, 'not followed'),
    ),
  );
  if (!isFollowed) log.warn({ rollout: key }, 'not followed: too many are');
}

/** The policy asks the same when it is written; here it is answered in words. Reading is judged by the API server alone. */
async function may(
  { mayDo }: Chatops,
  { user, groups }: Impersonated,
  word: Word,
  { namespace, name }: Shipped,
): Promise<boolean> {
  const verb = commands.find((each) => each === word);
  if (verb === undefined) return true;
  // As impersonation adds it by itself.
  const somebody = { username: user, groups: [...groups, 'system:authenticated'], extra: {} };
  return mayDo(somebody, { verb, resource: 'deployments', namespace, name });
}

function stranger(author: string): string {
  return `${code(author)} is nobody that Serin knows: the settings of \`serin chatops\` say who is who.`;
}

function unknown(near: string | undefined): string {
  const hint = near === undefined ? '' : ` Did you mean \`/canary ${near}\`?`;
  return `There is no such word.${hint} There are: ${words.map((word) => `\`${word}\``).join(', ')}.`;
}

const howToPlan =
  'What is to be planned? `/canary plan NAME CONTAINER=IMAGE` says what an image would bring about.';

function refused({ user }: Impersonated, word: Word, { namespace, name }: Shipped): string {
  const missing = `the RBAC verb ${word} on deployments.serin.dev in ${namespace} is missing`;
  return block(`${user} may not ${word} ${namespace}/${name}: ${missing}; ask somebody who has it`);
}

const whys: Readonly<Record<Extract<Choice, { readonly kind: 'unclear' }>['why'], string>> = {
  none:
    'No rollout is known to be of this request: none has one of its commits in ' +
    '`org.opencontainers.image.revision` or `serin.dev/source-revision`, and the settings name none for this repository.',
  several: 'Which one? Say its name after the word.',
  near: 'No rollout of this request has that name.',
};

function unclear(why: keyof typeof whys, found: readonly Shipped[]): string {
  const names = found.slice(0, mostShown).map(({ namespace, name }) => code(`${namespace}/${name}`));
  return names.length === 0
    ? whys['none']
    : `${whys[why]} There ${names.length === 1 ? 'is' : 'are'}: ${names.join(', ')}.`;
}
