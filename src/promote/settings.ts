// `.serin.yaml`: what stays the same from promotion to promotion (docs/promote.md).
import { readDocument } from '../config/document.ts';
import { Field, type Findings, mistakeText } from '../config/field.ts';
import { checkNames } from '../config/known.ts';
import { type Kind, kinds } from './kinds/kind.ts';
import { type ForgeKind, forgeKinds } from './remote.ts';

/** What is said of an environment, by the file, by flags, or by Jenkins X. */
export interface Said {
  readonly repo?: string;
  readonly branch?: string;
  readonly path?: string;
  readonly kind?: Kind;
  readonly forge?: ForgeKind;
  readonly api?: string;
  readonly namespace?: string;
  readonly context?: string;
  readonly push?: boolean;
  readonly autoMerge?: boolean;
  readonly rollbackOnFailure?: boolean;
  readonly timeoutMs?: number;
  readonly deployment?: string;
  readonly container?: string;
  readonly image?: string;
  readonly key?: string;
}

export interface Settings {
  readonly said: Said;
  /** Every environment that the file names. */
  readonly environments: readonly string[];
}

const texts = ['repo', 'branch', 'path', 'api', 'namespace', 'context'] as const;
const flags = ['push', 'autoMerge', 'rollbackOnFailure'] as const;
const ofApp = ['deployment', 'container', 'image', 'key'] as const;
const level = (...known: readonly string[]): Parameters<typeof checkNames>[1] => {
  return { known, refused: {}, noted: {} };
};
const ofEnvironment = level(...texts, ...flags, 'kind', 'forge', 'timeout', 'apps');

/** Reads the file; or says all that is wrong with it, each line with where. */
export function parseSettings(
  text: string,
  file: string,
  { app, environment }: { readonly app: string; readonly environment: string },
): Settings | { readonly mistakes: readonly string[] } {
  const read = readDocument(text);
  if ('problem' in read) return { mistakes: [`${file}: ${read.problem}`] };
  const findings: Findings = { mistakes: [], notes: [] };
  const root = new Field('', read.value, findings);
  checkNames(root, level('environments'));
  const environments = root.at('environments').keys();
  // All of them are read: a mistake in another is one of this file, too.
  const all = environments.map(
    (name) => [name, environmentIn(root.at('environments').at(name), app)] as const,
  );
  if (findings.mistakes.length > 0)
    return { mistakes: findings.mistakes.map((each) => `${file}: ${mistakeText(each, 'the file')}`) };
  return { said: all.find(([name]) => name === environment)?.[1] ?? {}, environments };
}

function environmentIn(field: Field, app: string): Said {
  checkNames(field, ofEnvironment);
  field.keys();
  const apps = field.at('apps');
  const own = apps.keys().map((name) => [name, appIn(apps.at(name))] as const);
  return present({
    ...Object.fromEntries(texts.map((name) => [name, field.at(name).text()])),
    ...Object.fromEntries(flags.map((name) => [name, field.at(name).flag()])),
    kind: field.at('kind').choice(kinds),
    forge: field.at('forge').choice(forgeKinds),
    timeoutMs: field.at('timeout').duration(),
    ...own.find(([name]) => name === app)?.[1],
  });
}

function appIn(field: Field): Said {
  checkNames(field, level(...ofApp));
  field.keys();
  return present(Object.fromEntries(ofApp.map((name) => [name, field.at(name).text()])));
}

type Maybe<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** What is said at all. */
export function present(maybe: Maybe<Said>): Said {
  return Object.fromEntries(Object.entries(maybe).filter(([, value]) => value !== undefined)) as Said;
}
