// Who promotes, for a forge and for git: from the environment alone.
import type { Io } from '../plugin/verb.ts';
import type { ForgeKind } from './remote.ts';

export interface Token {
  readonly text: string;
  /** What git is told as the user. */
  readonly user: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** Every form of it that nobody may see. */
  readonly secrets: readonly string[];
}

const variables: Readonly<Record<ForgeKind, readonly string[]>> = {
  github: ['GITHUB_TOKEN', 'GH_TOKEN'],
  gitlab: ['GITLAB_TOKEN'],
  bitbucket: ['BITBUCKET_TOKEN'],
  'bitbucket-server': ['BITBUCKET_TOKEN'],
  gitea: ['GITEA_TOKEN'],
};

/** What git says as the user beside a token; each forge has its own word. */
const users: Readonly<Record<ForgeKind, string>> = {
  github: 'x-access-token',
  gitlab: 'oauth2',
  bitbucket: 'x-token-auth',
  'bitbucket-server': 'x-token-auth',
  gitea: 'oauth2',
};

/** The variables that may hold the token of a forge. */
export function tokenVariables(kind: ForgeKind | undefined): readonly string[] {
  return ['GIT_TOKEN', ...(kind === undefined ? [] : variables[kind])];
}

/** The token of the environment; undefined where there is none; in words where it cannot be one. */
export function tokenFor(kind: ForgeKind | undefined, env: Io['env']): Token | string | undefined {
  const name = tokenVariables(kind).find((each) => (env[each] ?? '').trim() !== '');
  if (name === undefined) return undefined;
  const text = (env[name] ?? '').trim();
  if (!/^[\x21-\x7e]{1,4096}$/.test(text)) return `${name}: a token has no blanks or control characters`;
  const own = kind === 'bitbucket' ? env['BITBUCKET_USER'] : undefined;
  const user = own ?? users[kind ?? 'gitea'];
  const basic = Buffer.from(`${user}:${text}`).toString('base64');
  // An app password goes with its user; https://developer.atlassian.com/cloud/bitbucket/rest/intro/#authentication.
  const said = own !== undefined ? `Basic ${basic}` : kind === 'gitea' ? `token ${text}` : `Bearer ${text}`;
  return { text, user, headers: { authorization: said }, secrets: [text, encodeURIComponent(text), basic] };
}

/** True where a token may be sent: not in the clear, except to this machine. */
export function maySend(url: URL): boolean {
  return url.protocol === 'https:' || ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname);
}
