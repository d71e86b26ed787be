// What is to be promoted, and how: from the command line, the settings and Jenkins X, with all mistakes at once.
import { nearest } from '../config/nearest.ts';
import { objectName } from '../config/provider.ts';
import { nameOf } from '../plugin/find.ts';
import type { Args, Cluster, Io } from '../plugin/verb.ts';
import { createGit } from './git.ts';
import { parseJx, readJx } from './jx.ts';
import { type Kind, kinds } from './kinds/kind.ts';
import { forgeKinds, isFolder } from './remote.ts';
import { parseSettings, present, type Said } from './settings.ts';
import { type Source, sourceOf } from './source.ts';

/** A promotion that may begin. */
export interface Asked extends Omit<Said, 'repo' | 'timeoutMs' | 'deployment'> {
  readonly app: string;
  readonly version: string;
  readonly environment: string;
  readonly deployment: string;
  readonly timeoutMs: number;
  /** Absent: the cluster itself is changed. */
  readonly source?: Source;
  /** Other environments that may be described beside this one. */
  readonly others: readonly string[];
  readonly waits: boolean;
}

const hourMs = 3_600_000;
/** What Jenkins X makes. */
const usual = ['dev', 'staging', 'production'];
/** A tag of an image has at most 128 letters; a version of a chart may hold a + beside. */
const versionForm = /^[A-Za-z0-9_][\w.+-]{0,127}$/;

/** Reads everything that says what to do; `open` opens the cluster, where it is looked for there. */
export async function readAsked(
  io: Io,
  args: Args,
  open: () => Promise<Cluster>,
): Promise<Asked | { readonly mistakes: readonly string[] }> {
  const subject = subjectOf(io, args);
  const isDirect = args.isSet('direct');
  const known = await knownOf(io, args, subject, open);
  const source = isDirect ? undefined : sourceOf(io, known.said);
  // Where the settings are wrong that there is no repository is no news.
  const isFollowing = known.mistakes.length > 0 && known.said.repo === undefined;
  const wrong = source !== undefined && 'mistakes' in source && !isFollowing ? source.mistakes : [];
  const mistakes = [
    ...subjectMistakes(subject, isDirect),
    ...known.mistakes,
    ...wrong,
    ...contradictions(args, known.said, isDirect),
  ];
  if (mistakes.length > 0 || (source !== undefined && 'mistakes' in source)) return { mistakes };
  const { repo: _, ...how } = known.said;
  return {
    ...{ ...how, ...subject, waits: !args.isSet('no-wait') },
    deployment: how.deployment ?? subject.app,
    timeoutMs: how.timeoutMs ?? hourMs,
    others: [...new Set([...known.environments, ...usual])].filter((each) => each !== subject.environment),
    ...(source === undefined ? {} : { source }),
  };
}

type Subject = Pick<Asked, 'app' | 'version' | 'environment'>;

function subjectOf(io: Io, args: Args): Subject {
  return {
    app: nameOf(args) ?? '',
    version: args.text('version') ?? io.env['VERSION'] ?? '',
    environment: args.text('environment') ?? '',
  };
}

function subjectMistakes({ app, version, environment }: Subject, isDirect: boolean): readonly string[] {
  const isVersion = versionForm.test(version);
  return [
    ...(objectName.test(app)
      ? []
      : [`${app}: no name of an application; lower case letters, digits, - and . wanted`]),
    ...(version === '' ? ['--version: is missing, as --version 1.4.2'] : []),
    ...(version !== '' && !isVersion
      ? [`--version: ${version} given, letters, digits, ., _, - and + wanted`]
      : []),
    ...(isVersion && isDirect && version.includes('+')
      ? ['--version: a tag of an image holds no +; _ stands for it']
      : []),
    ...(environment === '' ? ['--environment: is missing, as --environment production'] : []),
    ...(environment !== '' && !objectName.test(environment)
      ? [`--environment: ${environment} is no name; lower case letters, digits, - and . wanted`]
      : []),
  ];
}

/** What is said of the environment: flags before the settings before Jenkins X. */
async function knownOf(
  io: Io,
  args: Args,
  subject: Subject,
  open: () => Promise<Cluster>,
): Promise<FromFile> {
  const { environment } = subject;
  const flags = saidBy(args);
  const file = await settingsIn(io, args, subject);
  const isSaid = args.isSet('direct') || flags.repo !== undefined || file.said.repo !== undefined;
  const jx = isSaid ? {} : await jxOf(io, environment, open);
  const environments = [...file.environments, ...(jx.environments ?? [])];
  const isUnknown = environments.length > 0 && environment !== '' && !environments.includes(environment);
  const said = { ...jx.said, ...file.said, ...flags };
  return {
    said: { ...said, ...(await originOf(io, said.repo)) },
    environments,
    mistakes: [
      ...file.mistakes,
      ...(isUnknown && flags.repo === undefined && !args.isSet('direct')
        ? [`--environment: ${unknown(environment, environments)}`]
        : []),
    ],
  };
}

/** What flags say. */
function saidBy(args: Args): Said {
  const names = ['repo', 'branch', 'path', 'api', 'namespace', 'context'] as const;
  const ofApp = ['deployment', 'container', 'image', 'key'] as const;
  const isSet = (flag: string): true | undefined => (args.isSet(flag) ? true : undefined);
  return present({
    ...Object.fromEntries([...names, ...ofApp].map((name) => [name, args.text(name)])),
    kind: kinds.find((each: Kind) => each === args.text('kind')),
    forge: forgeKinds.find((each) => each === args.text('forge')),
    push: isSet('push'),
    autoMerge: isSet('auto-merge'),
    rollbackOnFailure: isSet('rollback-on-failure'),
    timeoutMs: args.ms('timeout'),
  });
}

interface FromFile {
  readonly said: Said;
  readonly environments: readonly string[];
  readonly mistakes: readonly string[];
}

async function settingsIn(
  io: Io,
  args: Args,
  about: { readonly app: string; readonly environment: string },
): Promise<FromFile> {
  const named = args.text('settings');
  const file = named ?? '.serin.yaml';
  const text = await textOf(io, file);
  const none = { said: {}, environments: [], mistakes: [] };
  if (text === undefined)
    return named === undefined ? none : { ...none, mistakes: [`--settings: ${named} cannot be read`] };
  const parsed = parseSettings(text, file, about);
  return 'mistakes' in parsed ? { ...none, mistakes: parsed.mistakes } : { ...parsed, mistakes: [] };
}

async function jxOf(
  io: Io,
  environment: string,
  open: () => Promise<Cluster>,
): Promise<{ readonly said?: Said; readonly environments?: readonly string[] }> {
  const text = await textOf(io, 'jx-requirements.yml');
  const jx = text === undefined ? undefined : parseJx(text, environment);
  if (jx?.said?.repo !== undefined || environment === '') return jx ?? {};
  // Whoever has no cluster at hand is told of the repository that is missing, not of the cluster.
  const said = await open()
    .then((cluster) => readJx(cluster, environment))
    .catch(() => undefined);
  return { ...jx, ...(said === undefined ? {} : { said }) };
}

function textOf(io: Io, file: string): Promise<string | undefined> {
  return io.readFile(file).catch(() => undefined);
}

/** Of a checkout on this machine the address that it came from: that is what the environment is made of. */
async function originOf(io: Io, repo: string | undefined): Promise<Pick<Said, 'repo'>> {
  if (repo === undefined || !isFolder(repo)) return {};
  const git = createGit(io);
  const { stdout } = await git.tries(undefined, ['-C', repo, 'rev-parse', '--is-bare-repository']);
  if (stdout.trim() !== 'false') return {};
  const origin = await git.tries(undefined, ['-C', repo, 'remote', 'get-url', 'origin']);
  return origin.code === 0 ? { repo: origin.stdout.trim() } : {};
}

function contradictions(args: Args, { push, autoMerge }: Said, isDirect: boolean): readonly string[] {
  const ofRepository = ['repo', 'branch', 'path', 'kind', 'key', 'forge', 'api', 'push', 'auto-merge'];
  return [
    ...(isDirect
      ? ofRepository
          .filter((flag) => args.isSet(flag))
          .map((flag) => `--${flag}: means nothing with --direct`)
      : []),
    ...(!isDirect && push === true && autoMerge === true && args.isSet('push') && args.isSet('auto-merge')
      ? ['--auto-merge: means nothing with --push: there is no request to merge']
      : []),
    ...(args.isSet('no-wait') && args.isSet('auto-merge')
      ? ['--auto-merge: means nothing with --no-wait: nobody merges it']
      : []),
    ...(args.isSet('no-wait') && args.isSet('rollback-on-failure')
      ? ['--rollback-on-failure: means nothing with --no-wait: nobody sees the canary fail']
      : []),
  ];
}

function unknown(environment: string, known: readonly string[]): string {
  const near = nearest(environment, known);
  return `there is no ${environment}; ${near === undefined ? `there are ${known.join(', ')}` : `did you mean ${near}?`}`;
}
