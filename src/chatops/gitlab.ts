// GitLab: https://docs.gitlab.com/api/ (merge_requests, notes, commits: commit status).
import { encoded } from '../promote/forge.ts';
import { numberAt, textAt } from '../routing/json.ts';
import { context, isSha, type Thread, type ThreadOptions } from './thread.ts';

const states = { pending: 'running', success: 'success', failure: 'failed' } as const;

/** A merge request. */
export function gitlabThread({ api, said }: ThreadOptions): Thread {
  const project = `/projects/${encoded(said.repository)}`;
  const request = `${project}/merge_requests/${said.number ?? ''}`;
  return {
    commits: async () => {
      const found = await api.does('cannot read the merge request', 'GET', request);
      // Which of them a deployment has depends on how it was merged.
      const names = ['merge_commit_sha', 'squash_commit_sha', 'sha'] as const;
      return names.map((name) => textAt(found, name)).filter(isSha);
    },
    say: async (body) => {
      const note = await api.does('cannot comment', 'POST', `${request}/notes`, { body });
      return String(numberAt(note, 'id') ?? '');
    },
    edit: async (id, body) => {
      await api.does('cannot edit the comment', 'PUT', `${request}/notes/${encoded(id)}`, { body });
    },
    mark: async ({ sha, state, description, url, environment }) => {
      const path = `${project}/statuses/${encoded(sha)}`;
      const { status, said: why } = await api.ask('POST', path, {
        ...{ state: states[state], name: `${context}: ${environment}`, description },
        ...(url === undefined ? {} : { target_url: url }),
      });
      // 400: it has that state already, and takes no new words for it.
      if (status >= 300 && status !== 400)
        throw new Error(`cannot set the status: answered ${status}: ${why}`);
    },
  };
}
