// Gitea and Forgejo: https://docs.gitea.com/api/ (repository: pulls).
import type { Json } from '../../rollout/types.ts';
import { isList, isObject, numberAt, objectAt, textAt } from '../../routing/json.ts';
import { encoded, type OpenForge, query, type Request } from '../forge.ts';
import { Stop } from '../stop.ts';

const perPage = 50;
const mostPages = 40;

export const gitea: OpenForge = (api, [owner = '', name = '']) => {
  const pulls = `/repos/${encoded(owner, name)}/pulls`;
  return {
    // Not by /pulls/{base}/{head}: that is the oldest of them, closed or not.
    find: async (branch, base) => {
      for (let page = 1; page <= mostPages; page += 1) {
        const asked = query({ state: 'open', page: String(page), limit: String(perPage) });
        const found = await api.does('cannot list pull requests', 'GET', pulls + asked);
        const listed = isList(found) ? found : [];
        const ours = listed.find((each) => refIn(each, 'head') === branch && refIn(each, 'base') === base);
        if (ours !== undefined) return requestIn(ours);
        if (listed.length === 0) return undefined;
      }
      throw new Stop(`more than ${mostPages * perPage} pull requests are open: too many to look for one`);
    },
    open: async ({ branch, base, title, body }) =>
      requestIn(
        await api.does('cannot open a pull request', 'POST', pulls, { title, body, head: branch, base }),
      ),
    look: async (number) =>
      requestIn(await api.does('cannot read the pull request', 'GET', `${pulls}/${encoded(number)}`)),
    merge: async ({ number, head }) => {
      const { status, said } = await api.ask('POST', `${pulls}/${encoded(number)}/merge`, {
        ...{ Do: 'merge', merge_when_checks_succeed: true, delete_branch_after_merge: true },
        ...(head === undefined ? {} : { head_commit_id: head }),
      });
      // 409: it is to be merged when the checks have succeeded, already.
      return (status >= 200 && status < 300) || status === 409 ? undefined : said;
    },
  };
};

function refIn(request: Json, side: 'head' | 'base'): string | undefined {
  return textAt(objectAt(request, side), 'ref');
}

function requestIn(json: Json): Request {
  const isMerged = isObject(json) && json['merged'] === true;
  const head = textAt(objectAt(json, 'head'), 'sha');
  return {
    number: String(numberAt(json, 'number') ?? ''),
    url: textAt(json, 'html_url') ?? '',
    state: isMerged ? 'merged' : textAt(json, 'state') === 'closed' ? 'closed' : 'open',
    ...(head === undefined ? {} : { head }),
  };
}
