// A request at the forge, from its opening until it is merged.
import { exit } from '../plugin/verb.ts';
import type { Deadline } from './deadline.ts';
import type { Forge, Opening, Request } from './forge.ts';
import { Stop } from './stop.ts';
import type { Telling } from './telling.ts';

const everyMs = 5_000;

/** The open request of the branch, opened where there is none. */
export async function requestFor(forge: Forge, opening: Opening, telling: Telling): Promise<Request> {
  const found = await forge.find(opening.branch, opening.base);
  const request = found ?? (await forge.open(opening));
  telling.step('request', `${request.url} is ${found === undefined ? 'opened' : 'open already'}`);
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
