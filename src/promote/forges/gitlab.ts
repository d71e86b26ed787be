// GitLab: https://docs.gitlab.com/api/merge_requests/.
import type { Json } from '../../rollout/types.ts';
import { isList, isObject, numberAt, textAt } from '../../routing/json.ts';
import { encoded, type OpenForge, query, type Request } from '../forge.ts';

/** What passes by itself, or what merging when the pipeline has succeeded waits for. */
const passing = ['mergeable', 'ci_still_running', 'ci_must_pass'];

export const gitlab: OpenForge = (api, path) => {
  const requests = `/projects/${encoded(path.join('/'))}/merge_requests`;
  return {
    find: async (branch, base) => {
      const asked = query({ state: 'opened', source_branch: branch, target_branch: base });
      const found = await api.does('cannot list merge requests', 'GET', requests + asked);
      return isList(found) && found[0] !== undefined ? requestIn(found[0]) : undefined;
    },
    open: async ({ branch, base, title, body }) =>
      requestIn(
        await api.does('cannot open a merge request', 'POST', requests, {
          ...{ source_branch: branch, target_branch: base, title, description: body },
          remove_source_branch: true,
        }),
      ),
    look: async (number) =>
      requestIn(await api.does('cannot read the merge request', 'GET', `${requests}/${encoded(number)}`)),
    merge: async ({ number, head, blocked }) => {
      if (blocked === 'asked for') return undefined;
      if (blocked !== undefined) return blocked;
      const { status, said } = await api.ask('PUT', `${requests}/${encoded(number)}/merge`, {
        ...(head === undefined ? {} : { sha: head }),
        // The second is what the first was called before 17.11.
        ...{ auto_merge: true, merge_when_pipeline_succeeds: true },
      });
      return status === 200 ? undefined : said;
    },
  };
};

const states: Readonly<Record<string, Request['state']>> = { merged: 'merged', closed: 'closed' };

function requestIn(json: Json): Request {
  const [head, detailed] = [textAt(json, 'sha'), textAt(json, 'detailed_merge_status')];
  const isAsked = isObject(json) && json['merge_when_pipeline_succeeds'] === true;
  const blocked = isAsked
    ? 'asked for'
    : detailed === undefined || passing.includes(detailed)
      ? undefined
      : detailed;
  return {
    number: String(numberAt(json, 'iid') ?? ''),
    url: textAt(json, 'web_url') ?? '',
    state: states[textAt(json, 'state') ?? ''] ?? 'open',
    ...(head === undefined ? {} : { head }),
    ...(detailed === 'conflict' ? { conflicts: true } : {}),
    ...(blocked === undefined ? {} : { blocked }),
  };
}
