// Gitea and Forgejo: https://docs.gitea.com/api/ (repository: pulls).
import type { Json } from '../../rollout/types.ts';
import { isObject, numberAt, objectAt, textAt } from '../../routing/json.ts';
import { encoded, type OpenForge, type Request } from '../forge.ts';
import { Stop } from '../stop.ts';

export const gitea: OpenForge = (api, [owner = '', name = '']) => {
  const pulls = `/repos/${encoded(owner, name)}/pulls`;
  return {
    find: async (branch, base) => {
      const { status, json, said } = await api.ask('GET', `${pulls}/${encoded(base, branch)}`);
      if (status === 404) return undefined;
      if (status !== 200) throw new Stop(`cannot look for the pull request: ${said}`);
      const found = requestIn(json);
      return found.state === 'open' ? found : undefined;
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
