// Bitbucket Server and Data Center: https://developer.atlassian.com/server/bitbucket/rest/.
import type { Json } from '../../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../routing/json.ts';
import { encoded, type OpenForge, query, type Request } from '../forge.ts';

export const bitbucketServer: OpenForge = (api, path) => {
  // As https://host/scm/KEY/repository or ssh://git@host/KEY/repository.
  const [key = '', slug = ''] = path.slice(-2);
  const requests = `/projects/${encoded(key)}/repos/${encoded(slug)}/pull-requests`;
  const ref = (branch: string) => ({
    id: `refs/heads/${branch}`,
    repository: { slug, project: { key } },
  });
  const look = (number: string): Promise<Json> =>
    api.does('cannot read the pull request', 'GET', `${requests}/${encoded(number)}`);
  return {
    find: async (branch, base) => {
      const asked = query({ state: 'OPEN', direction: 'OUTGOING', at: `refs/heads/${branch}` });
      const found = await api.does('cannot list pull requests', 'GET', requests + asked);
      const ours = listAt(found, 'values').find(
        (each) => textAt(objectAt(each, 'toRef'), 'id') === `refs/heads/${base}`,
      );
      return ours === undefined ? undefined : requestIn(ours);
    },
    open: async ({ branch, base, title, body }) =>
      requestIn(
        await api.does('cannot open a pull request', 'POST', requests, {
          ...{ title, description: body, fromRef: ref(branch), toRef: ref(base) },
        }),
      ),
    look: async (number) => requestIn(await look(number)),
    merge: async ({ number }) => {
      const merge = `${requests}/${encoded(number)}/merge`;
      const may = await api.does('cannot ask whether it may be merged', 'GET', merge);
      if (isObject(may) && may['canMerge'] !== true) {
        const [veto] = listAt(may, 'vetoes');
        return (
          textAt(veto, 'summaryMessage') ??
          (may['conflicted'] === true ? 'it has conflicts' : 'it may not be')
        );
      }
      // Of the version that was looked at, and no other.
      const version = String(numberAt(await look(number), 'version') ?? 0);
      const { status, said } = await api.ask('POST', merge + query({ version }), {});
      return status === 200 ? undefined : said;
    },
  };
};

const states: Readonly<Record<string, Request['state']>> = { MERGED: 'merged', DECLINED: 'closed' };

function requestIn(json: Json): Request {
  const head = textAt(objectAt(json, 'fromRef'), 'latestCommit');
  return {
    number: String(numberAt(json, 'id') ?? ''),
    url: textAt(listAt(objectAt(json, 'links'), 'self')[0], 'href') ?? '',
    state: states[textAt(json, 'state') ?? ''] ?? 'open',
    ...(head === undefined ? {} : { head }),
  };
}
