// Bitbucket Cloud: https://developer.atlassian.com/cloud/bitbucket/rest/api-group-pullrequests/.
import type { Json } from '../../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../../routing/json.ts';
import { encoded, type OpenForge, query, type Request } from '../forge.ts';

export const bitbucket: OpenForge = (api, [workspace = '', name = '']) => {
  const requests = `/repositories/${encoded(workspace, name)}/pullrequests`;
  return {
    find: async (branch, base) => {
      const q = `source.branch.name="${branch}" AND destination.branch.name="${base}" AND state="OPEN"`;
      const found = await api.does('cannot list pull requests', 'GET', requests + query({ q }));
      const [first] = listAt(found, 'values');
      return first === undefined ? undefined : requestIn(first);
    },
    open: async ({ branch, base, title, body }) =>
      requestIn(
        await api.does('cannot open a pull request', 'POST', requests, {
          ...{ title, description: body, close_source_branch: true },
          source: { branch: { name: branch } },
          destination: { branch: { name: base } },
        }),
      ),
    look: async (number) =>
      requestIn(await api.does('cannot read the pull request', 'GET', `${requests}/${encoded(number)}`)),
    merge: async ({ number }) => {
      const path = `${requests}/${encoded(number)}`;
      // Not every plan makes it wait for builds, so that is done here.
      const builds = await api.does('cannot read the builds', 'GET', `${path}/statuses`);
      const open = listAt(builds, 'values').find((each) => textAt(each, 'state') !== 'SUCCESSFUL');
      if (open !== undefined) return `build ${textAt(open, 'key') ?? ''} is ${textAt(open, 'state') ?? ''}`;
      const { status, said } = await api.ask('POST', `${path}/merge`, { close_source_branch: true });
      // 202: it takes longer, and is looked at again.
      return status === 200 || status === 202 ? undefined : said;
    },
  };
};

const states: Readonly<Record<string, Request['state']>> = {
  MERGED: 'merged',
  DECLINED: 'closed',
  SUPERSEDED: 'closed',
};

function requestIn(json: Json): Request {
  const head = textAt(objectAt(objectAt(json, 'source'), 'commit'), 'hash');
  return {
    number: String(numberAt(json, 'id') ?? ''),
    url: textAt(objectAt(objectAt(json, 'links'), 'html'), 'href') ?? '',
    state: states[textAt(json, 'state') ?? ''] ?? 'open',
    ...(head === undefined ? {} : { head }),
  };
}
