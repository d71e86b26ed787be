// A request at the forge, from its opening until it is merged.
import { exit } from '../plugin/verb.ts';
import type { Deadline } from './deadline.ts';
import type { Forge, Opening, Request } from './forge.ts';
import { Stop } from './stop.ts';
import type { Telling } from './telling.ts';

const everyMs = 5_000;

/**
 * The open request of the branch: as it is, where it can be merged; of what `offer` makes, where there is none or it has
 * conflicts by now.
 */
export async function requestFor(
  forge: Forge,
  opening: Opening,
  offer: () => Promise<string>,
  telling: Telling,
): Promise<Request> {
  const found = await forge.find(opening.branch, opening.base);
  const seen = found === undefined ? undefined : await forge.look(found.number);
  const isFit = seen?.state === 'open' && seen.conflicts !== true;
  if (!isFit) {
    const commit = await offer();
    telling.step('commit', `${commit.slice(0, 7)} on branch ${opening.branch}`);
    telling.note({ commit });
  } else if (seen.head !== undefined) telling.note({ commit: seen.head });
  const request = seen?.state === 'open' ? seen : await forge.open(opening);
  const is =
    seen?.state !== 'open'
      ? 'opened'
      : isFit
        ? 'open already'
        : 'open already, and had conflicts: its commit is new';
  telling.step('request', `${request.url} is ${is}`);
  telling.note({ request: { url: request.url, state: request.state } });
  return request;
}

/** Comes back when it is merged; throws Stop where it is closed, or not merged in time. */
export async function merged(
  forge: Forge,
  { number, url }: Request,
  deadline: Deadline,
  { telling, isAuto }: { readonly telling: Telling; readonly isAuto: boolean },
): Promise<void> {
  let told = isAuto ? '' : 'somebody has to merge it';
  if (told !== '') telling.step('waiting', told);
  for (;;) {
    const request = await looked(forge, number);
    if (request !== undefined && request.state !== 'open')
      telling.note({ request: { url, state: request.state } });
    if (request?.state === 'merged') return telling.step('merged', url);
    if (request?.state === 'closed') throw new Stop(`${url} was closed without a merge`);
    if (request?.conflicts === true && isAuto)
      throw new Stop(`${url} has conflicts; the same again makes its commit anew`);
    if (isAuto && request !== undefined) {
      const why = await forge.merge(request);
      const now = why === undefined ? 'the merge is asked for' : `not to be merged yet: ${why}`;
      if (now !== told) telling.step('waiting', now);
      // What was merged is merged at the next look, which need not wait.
      const isNew = why === undefined && now !== told;
      told = now;
      if (isNew) continue;
    }
    await deadline.pause(everyMs, `${url} is not merged`);
  }
}

/** A forge that does not answer for a while is asked again. */
async function looked(forge: Forge, number: string): Promise<Request | undefined> {
  try {
    return await forge.look(number);
  } catch (error) {
    if (error instanceof Stop && error.code === exit.undecided) return undefined;
    throw error;
  }
}
