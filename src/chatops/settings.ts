// What `serin chatops` is told: which forges, who is who, and which rollouts are of which repository (docs/chatops.md).
import { readDocument } from '../config/document.ts';
import { Field, type Findings, mistakeText } from '../config/field.ts';
import { checkNames } from '../config/known.ts';
import { objectName } from '../config/provider.ts';
import type { Impersonated } from '../kube/impersonate.ts';
import { maySend } from '../promote/token.ts';
import type { Target } from './shipped.ts';

export const forgeNames = ['github', 'gitlab'] as const;

export type ForgeName = (typeof forgeNames)[number];

/** How a forge is asked: with a token, or as a GitHub App. */
export type Access = { readonly tokenFile: string } | { readonly app: App };

/** A GitHub App. */
export interface App {
  readonly id: string;
  readonly privateKeyFile: string;
}

export interface ForgeSettings {
  /** Where its API is, without a slash at the end. */
  readonly api: string;
  readonly webhookSecretFile: string;
  readonly access: Access;
  /** By the name at the forge, in lower case: forges do not tell them apart. */
  readonly people: ReadonlyMap<string, Impersonated>;
  readonly repositories: ReadonlyMap<string, readonly Target[]>;
}

export type Settings = { readonly [name in ForgeName]?: ForgeSettings };

const usualApi: Readonly<Record<ForgeName, string>> = {
  github: 'https://api.github.com',
  gitlab: 'https://gitlab.com/api/v4',
};
const level = (...known: readonly string[]): Parameters<typeof checkNames>[1] => {
  return { known, refused: {}, noted: {} };
};

/** Reads the file; or says all that is wrong with it. */
export function parseSettings(text: string): Settings | { readonly mistakes: readonly string[] } {
  const read = readDocument(text);
  if ('problem' in read) return { mistakes: [`the settings: ${read.problem}`] };
  const findings: Findings = { mistakes: [], notes: [] };
  const root = new Field('', read.value, findings);
  checkNames(root, level(...forgeNames));
  const given = forgeNames.filter((name) => root.at(name).isGiven);
  if (given.length === 0) root.report(`expected ${forgeNames.join(' or ')}`);
  const forges = given.map((name) => [name, forgeIn(root.at(name), name)] as const);
  if (findings.mistakes.length > 0)
    return { mistakes: findings.mistakes.map((each) => mistakeText(each, 'the settings')) };
  return Object.fromEntries(forges) as Settings;
}

/** The rollouts that the settings name for a repository, in whatever case. */
export function targetsOf({ repositories }: ForgeSettings, repository: string): readonly Target[] {
  const named = repository.toLowerCase();
  return [...repositories].flatMap(([key, targets]) => (key.toLowerCase() === named ? targets : []));
}

function forgeIn(field: Field, name: ForgeName): ForgeSettings {
  const ways = name === 'github' ? ['tokenFile', 'app'] : ['tokenFile'];
  checkNames(field, level('api', 'webhookSecretFile', 'people', 'repositories', ...ways));
  const [people, repositories] = [field.at('people'), field.at('repositories')];
  return {
    api: apiIn(field.at('api')) ?? usualApi[name],
    webhookSecretFile: needed(field.at('webhookSecretFile'), 'the path of a file'),
    access: accessIn(field, ways.includes('app')),
    people: new Map(people.keys().map((key) => [key.toLowerCase(), personIn(people.at(key))])),
    repositories: new Map(repositories.keys().map((key) => [key, targetsIn(repositories.at(key))])),
  };
}

function accessIn(field: Field, mayBeApp: boolean): Access {
  const [app, token] = [field.at('app'), field.at('tokenFile')];
  if (!mayBeApp || !app.isGiven) return { tokenFile: needed(token, 'the path of a file') };
  if (token.isGiven) token.report('and app: one of them is enough');
  checkNames(app, level('id', 'privateKeyFile'));
  return {
    app: {
      id: needed(app.at('id'), 'a text, such as "12345"'),
      privateKeyFile: needed(app.at('privateKeyFile'), 'the path of a file'),
    },
  };
}

function apiIn(field: Field): string | undefined {
  const text = field.text()?.replace(/\/+$/, '');
  const url = text === undefined ? undefined : URL.parse(text);
  if (url === undefined) return undefined;
  if (url === null || !maySend(url)) return field.expected('an https URL');
  return text;
}

/** No name of the system's own: system:masters may do everything, whatever RBAC says. */
function personIn(field: Field): Impersonated {
  checkNames(field, level('user', 'groups'));
  const [user, groups] = [needed(field.at('user'), 'a Kubernetes user'), field.at('groups')];
  const said = groups.texts() ?? [];
  if ([user, ...said].some((each) => each.startsWith('system:')))
    field.report('names a user or group that begins with system:, which nobody can be');
  if ([user, ...said].some((each) => !/^[\x21-\x7e]+$/.test(each)) && user !== '')
    field.report('names a user or group with blanks or letters that no header can hold');
  return { user, groups: said };
}

function targetsIn(field: Field): readonly Target[] {
  return (field.texts() ?? []).flatMap((text) => {
    const [namespace = '', name = '', ...more] = text.split('/');
    if (more.length === 0 && objectName.test(namespace) && objectName.test(name))
      return [{ namespace, name }];
    return field.report(`names ${text.slice(0, 60)}, expected NAMESPACE/NAME`) ?? [];
  });
}

function needed(field: Field, what: string): string {
  field.required(what);
  return field.text() ?? '';
}
