// GitHub, also of an enterprise, version 2022-11-28: https://docs.github.com/en/rest (issues/comments, commits/statuses,
// deployments) and https://docs.github.com/en/graphql/reference/mutations#updateissuecomment.
import type { Api } from '../promote/api.ts';
import { encoded, query } from '../promote/forge.ts';
import { Stop } from '../promote/stop.ts';
import type { Json } from '../rollout/types.ts';
import { isList, isObject, listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { context, isSha, type Mark, type Thread, type ThreadOptions } from './thread.ts';

/** What its deployments are told apart by from those of others. */
const task = 'canary';
const edit =
  'mutation($id: ID!, $body: String!) { updateIssueComment(input: {id: $id, body: $body}) { issueComment { id } } }';
const states = { pending: 'in_progress', success: 'success', failure: 'failure' } as const;

/** A pull request. */
export function githubThread({ api, graphql, said }: ThreadOptions): Thread {
  const { repository, number = '' } = said;
  const repo = `/repos/${encoded(...repository.split('/'))}`;
  return {
    commits: async () => {
      const pull = await api.does('cannot read the pull request', 'GET', `${repo}/pulls/${number}`);
      // Of one that is open it is only a trial merge, which nobody ships.
      const isMerged = isObject(pull) && pull['merged'] === true;
      const merge = isMerged ? textAt(pull, 'merge_commit_sha') : undefined;
      return [merge, textAt(objectAt(pull, 'head'), 'sha')].filter(isSha);
    },
    say: async (body) => {
      const path = `${repo}/issues/${number}/comments`;
      return textAt(await api.does('cannot comment', 'POST', path, { body }), 'node_id') ?? '';
    },
    edit: async (id, body) => {
      const asked = { query: edit, variables: { id, body } };
      const answer = await graphql.does('cannot edit the comment', 'POST', '/graphql', asked);
      // It says what it refuses with status 200.
      const [wrong] = listAt(answer, 'errors');
      if (wrong !== undefined) throw new Stop(`cannot edit the comment: ${kindOf(wrong)}`);
    },
    mark: async (mark) => {
      const { sha, state, description, url } = mark;
      await api.does('cannot set the status', 'POST', `${repo}/statuses/${encoded(sha)}`, {
        ...{ state, description, context },
        ...(url === undefined ? {} : { target_url: url }),
      });
      await markDeployment(api, repo, mark);
    },
  };
}

async function markDeployment(
  api: Api,
  repo: string,
  { sha, state, description, environment, url }: Mark,
): Promise<void> {
  const asked = query({ sha, task, environment });
  const found = await api.does('cannot list deployments', 'GET', `${repo}/deployments${asked}`);
  const [known] = isList(found) ? found : [];
  const made =
    known ??
    (await api.does('cannot create a deployment', 'POST', `${repo}/deployments`, {
      ...{ ref: sha, task, environment, description: 'a canary of Serin' },
      // As it is: neither merged with the default branch, nor kept until checks have passed that this is one of.
      ...{ auto_merge: false, required_contexts: [] },
    }));
  const path = `${repo}/deployments/${String(numberAt(made, 'id') ?? '')}/statuses`;
  await api.does('cannot set the status of the deployment', 'POST', path, {
    ...{ state: states[state], description, environment },
    ...(url === undefined ? {} : { log_url: url }),
  });
}

function kindOf(error: Json): string {
  return /^[A-Z_]{1,50}$/.exec(textAt(error, 'type') ?? '')?.[0] ?? 'it is refused';
}
