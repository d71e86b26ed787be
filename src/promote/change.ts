// The change in the environment's repository: from the version that stands there to a request that is merged, or a push.
import { createHttpsFetch } from '../prometheus/https-fetch.ts';
import type { Asked } from './asked.ts';
import type { Source } from './source.ts';
import { type Checkout, withCheckout } from './checkout.ts';
import type { Deadline } from './deadline.ts';
import type { Forge, Request } from './forge.ts';
import { openForge } from './forges/forges.ts';
import { createGit } from './git.ts';
import { parseRule, ruleFile } from './jx.ts';
import { type Place, promoted, search } from './search.ts';
import { merged, requestFor } from './request.ts';
import { Stop } from './stop.ts';
import type { Telling } from './telling.ts';

/** Of an environment with a repository. */
export type Sourced = Asked & { readonly source: Source };

/** A version that is to stand in the repository, and what is said of it there. */
export interface Change {
  readonly version: string;
  /** Only where this one stands there now: undefined, whatever does. */
  readonly onlyFrom?: string;
  readonly branch: string;
  readonly title: string;
  readonly body: string;
}

export interface Made {
  /** The version that stood there; the same where nothing was to be done. */
  readonly from: string;
  /** The address of the request, or the commit; absent where nothing was to be done. */
  readonly by?: string;
}

/** How often a branch may move while it is pushed to. */
const pushes = 4;

/** Makes the change; comes back when it is merged (or only asked for, where nobody waits). Throws Stop where it cannot be. */
export async function makeChange(
  asked: Sourced,
  change: Change,
  deadline: Deadline,
  telling: Telling,
): Promise<Made> {
  const { remote, token } = asked.source;
  const access =
    token === undefined || remote.origin === undefined ? undefined : { token, origin: remote.origin };
  const git = createGit(telling.io, access);
  for (let tried = 1; tried <= pushes; tried += 1) {
    const made = await withCheckout(git, remote.url, asked.branch, (checkout) =>
      attempt(asked, change, checkout, telling),
    );
    if (made === 'moved') continue;
    if ('request' in made) return { from: made.from, by: await mergedBy(asked, made, deadline, telling) };
    return made;
  }
  throw new Stop(`${remote.url}: its branch moves all the time; nothing was pushed`);
}

interface Requested {
  readonly from: string;
  readonly forge: Forge;
  readonly request: Request;
}

type Attempt = Made | Requested | 'moved';

async function attempt(
  asked: Sourced,
  change: Change,
  checkout: Checkout,
  telling: Telling,
): Promise<Attempt> {
  const { places, file, from, kind } = placesIn(asked, checkout);
  const what = [...new Set(places.map((place) => place.what))].join(', ');
  const { url: repo } = asked.source.remote;
  telling.step('source', `${repo}, branch ${checkout.branch}: ${file.path}, ${what} ${from}`.trimEnd());
  telling.note({ source: { repo, branch: checkout.branch, file: file.path, kind } });
  const isThere = places.every((place) => place.from === change.version);
  if (isThere) {
    telling.step('change', `${change.version} stands there already`);
    return { from };
  }
  if (change.onlyFrom !== undefined && from !== change.onlyFrom) {
    telling.step('change', `${from} stands there by now, which is left alone`);
    return { from };
  }
  const text = promoted(file.text, places, change.version);
  const commit = await checkout.commit(file.path, text, `${change.title}\n\n${change.body}\n`);
  if (asked.push === true) {
    if ((await checkout.push(checkout.branch)) === 'moved') return 'moved';
    telling.step('pushed', `${commit.slice(0, 7)} to branch ${checkout.branch}`);
    telling.note({ commit });
    return { from, by: commit };
  }
  const { branch, title, body } = change;
  const forge = forgeOf(asked, telling);
  const opening = { branch, base: checkout.branch, title, body };
  return { from, forge, request: await requestFor(forge, opening, () => checkout.offer(branch), telling) };
}

interface Located {
  readonly places: readonly Place[];
  readonly file: Checkout['files'][number];
  readonly from: string;
  readonly kind: Place['kind'];
}

function placesIn(asked: Asked, { files }: Checkout): Located {
  const rule = files.find(({ path }) => path === ruleFile);
  const said = rule === undefined ? {} : parseRule(rule.text);
  const found = search(files, { ...said, ...asked });
  if ('problem' in found) throw new Stop(found.problem);
  const [place] = found.places;
  const file = files.find(({ path }) => path === place?.file);
  if (place === undefined || file === undefined) throw new Stop(`the version of ${asked.app} is not there`);
  if (asked.version.includes('+') && place.kind !== 'helmfile' && place.kind !== 'chart')
    throw new Stop(`${file.path}: ${place.what}: a tag of an image holds no +; _ stands for it`);
  return { places: found.places, file, from: place.from, kind: place.kind };
}

function forgeOf({ source: { remote, kind, token }, api }: Sourced, { io: { clock } }: Telling): Forge {
  if (kind === undefined || token === undefined)
    throw new Stop(`${remote.url}: no forge to open a request at`);
  const options = { clock, fetch: createHttpsFetch(), token, ...(api === undefined ? {} : { api }) };
  return openForge(kind, remote, options);
}

async function mergedBy(
  { waits, autoMerge }: Asked,
  { forge, request }: Requested,
  deadline: Deadline,
  telling: Telling,
): Promise<string> {
  if (waits) await merged(forge, request, deadline, { telling, isAuto: autoMerge === true });
  return request.url;
}
