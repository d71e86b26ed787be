// With what the forges are asked: a token in a file, or that of a GitHub App's installation, which is asked for and kept
// (https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app).
import { createSign } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { SerinError } from '../errors.ts';
import type { Fetch } from '../prometheus/exchange.ts';
import { type Api, createApi } from '../promote/api.ts';
import { type Token, tokenFor } from '../promote/token.ts';
import { encoded } from '../promote/forge.ts';
import { numberAt, textAt } from '../routing/json.ts';
import type { App, ForgeName, ForgeSettings } from './settings.ts';
import type { Place } from './thread.ts';

export interface Wire {
  readonly clock: Clock;
  readonly fetch: Fetch;
}

/** The API of a forge at `base`, asked for what is done in a repository. */
export type OpenApi = (settings: ForgeSettings, place: Place, base?: string) => Promise<Api>;

/** GitHub takes a token for up to ten minutes, and none of the future. */
const jwtSeconds = { before: 60, after: 540 };
/** A token that ends sooner is not begun with. */
const spareMs = 300_000;
const mostKept = 1_000;

/** Opens APIs; secrets are read anew each time, since they are rotated. */
export function createAccess(wire: Wire): OpenApi {
  const kept = new Map<string, { readonly token: Token; readonly until: number }>();
  const ofApp = async ({ id, privateKeyFile }: App, base: string, place: Place): Promise<Token> => {
    const key = `${base} ${id} ${place.repository}`;
    const known = kept.get(key);
    if (known !== undefined && known.until - spareMs > wire.clock.now()) return known.token;
    const jwt = jwtOf(id, await readSecret(privateKeyFile), wire.clock.now());
    const api = createApi({ ...wire, base, token: tokenOf('github', jwt) });
    const installation = place.installation ?? (await installationOf(api, place));
    const path = `/app/installations/${encoded(installation)}/access_tokens`;
    const answer = await api.does('cannot get the token of the installation', 'POST', path, {});
    const token = tokenOf('github', textAt(answer, 'token') ?? '');
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, { token, until: Date.parse(textAt(answer, 'expires_at') ?? '') || 0 });
    return token;
  };
  return async ({ access, api }, place, base = api) => {
    const token =
      'app' in access
        ? await ofApp(access.app, api, place)
        : tokenOf(place.forge, await readSecret(access.tokenFile));
    return createApi({ ...wire, base, token });
  };
}

async function installationOf(api: Api, { repository }: Place): Promise<string> {
  const path = `/repos/${encoded(...repository.split('/'))}/installation`;
  const found = await api.does('cannot find the installation of the App', 'GET', path);
  return String(numberAt(found, 'id') ?? '');
}

function tokenOf(forge: ForgeName, text: string): Token {
  const token = tokenFor(forge, { GIT_TOKEN: text });
  if (typeof token === 'object') return token;
  throw new SerinError('CONFIG_INVALID', token ?? `there is no token for ${forge}`);
}

function jwtOf(id: string, key: string, now: number): string {
  const seconds = Math.floor(now / 1000);
  const part = (json: object): string => Buffer.from(JSON.stringify(json)).toString('base64url');
  const claims = { iat: seconds - jwtSeconds.before, exp: seconds + jwtSeconds.after, iss: id };
  const signed = `${part({ alg: 'RS256', typ: 'JWT' })}.${part(claims)}`;
  try {
    return `${signed}.${createSign('RSA-SHA256').update(signed).sign(key, 'base64url')}`;
  } catch {
    // What the library says may quote the key.
    throw new SerinError('CONFIG_INVALID', 'the private key of the GitHub App cannot sign');
  }
}

/** What a file holds, without the line end that editors add. */
export async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (cause) {
    throw new SerinError('CONFIG_INVALID', `${file} cannot be read`, { cause });
  }
}
