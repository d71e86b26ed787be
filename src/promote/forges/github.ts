// GitHub, also of an enterprise: https://docs.github.com/en/rest/pulls/pulls, version 2022-11-28.
import type { Json } from '../../rollout/types.ts';
import { isList, isObject, numberAt, objectAt, textAt } from '../../routing/json.ts';
import { encoded, type OpenForge, query, type Request } from '../forge.ts';

/** What `mergeable_state` says of one that may be merged; `unstable` has checks that run or failed. */
const free = ['clean', 'has_hooks'];
/** The repository may allow any of them. */
const ways = ['merge', 'squash', 'rebase'];

export const github: OpenForge = (api, [owner = '', name = '']) => {
  const pulls = `/repos/${encoded(owner, name)}/pulls`;
  return {
    find: async (branch, base) => {
      const asked = query({ state: 'open', head: `${owner}:${branch}`, base });
      const found = await api.does('cannot list pull requests', 'GET', pulls + asked);
      return isList(found) && found[0] !== undefined ? requestIn(found[0]) : undefined;
    },
    open: async ({ branch, base, title, body }) =>
      requestIn(
        await api.does('cannot open a pull request', 'POST', pulls, { title, body, head: branch, base }),
      ),
    look: async (number) =>
      requestIn(await api.does('cannot read the pull request', 'GET', `${pulls}/${encoded(number)}`)),
    merge: async ({ number, head, blocked }) => {
      if (blocked !== undefined) return blocked;
      const sha = head === undefined ? {} : { sha: head };
      let why = '';
      for (const way of ways) {
        const path = `${pulls}/${encoded(number)}/merge`;
        const { status, said } = await api.ask('PUT', path, { ...sha, merge_method: way });
        if (status === 200) return undefined;
        why = said;
        if (status !== 405) break;
      }
      return why;
    },
  };
};

function requestIn(json: Json): Request {
  const isMerged = isObject(json) && (json['merged'] === true || typeof json['merged_at'] === 'string');
  const [head, mergeable] = [textAt(objectAt(json, 'head'), 'sha'), textAt(json, 'mergeable_state')];
  return {
    number: String(numberAt(json, 'number') ?? ''),
    url: textAt(json, 'html_url') ?? '',
    state: isMerged ? 'merged' : textAt(json, 'state') === 'closed' ? 'closed' : 'open',
    ...(head === undefined ? {} : { head }),
    ...(mergeable === 'dirty' ? { conflicts: true } : {}),
    ...(mergeable === undefined || free.includes(mergeable) ? {} : { blocked: mergeable }),
  };
}
