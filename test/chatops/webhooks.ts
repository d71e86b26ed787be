// Webhooks as the forges document them.
import { createHmac } from 'node:crypto';
import type { JsonObject } from '../../src/rollout/types.ts';

export const secret = 'S3cretS3cretS3cret';
export const url = 'https://github.com/acme/shop/pull/7#issuecomment-11';

export const githubBody = (comment: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  action: 'created',
  issue: { number: 7, pull_request: { url: 'https://api.github.com/repos/acme/shop/pulls/7' } },
  comment: {
    ...{ id: 11, html_url: url, user: { login: 'ann', type: 'User' }, body: '/canary status' },
    ...{ created_at: '2026-11-24T09:00:00Z', ...comment },
  },
  repository: { full_name: 'acme/shop' },
  installation: { id: 5 },
  ...more,
});
export const gitlabBody = (note: JsonObject = {}, more: JsonObject = {}): JsonObject => ({
  object_kind: 'note',
  user: { username: 'ann' },
  project: { path_with_namespace: 'acme/web/shop' },
  object_attributes: {
    ...{ id: 11, note: '/canary abort', noteable_type: 'MergeRequest', action: 'create', system: false },
    ...{ url: 'https://gitlab.com/acme/web/shop/-/merge_requests/7#note_11' },
    ...{ created_at: '2026-11-24 09:00:00 UTC', ...note },
  },
  merge_request: { iid: 7 },
  ...more,
});

/** The headers that come with it. */
export function signed(path: string, body: string): Readonly<Record<string, string>> {
  if (path === '/gitlab') return { 'x-gitlab-token': secret, 'x-gitlab-event': 'Note Hook' };
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  return { 'x-hub-signature-256': `sha256=${signature}`, 'x-github-event': 'issue_comment' };
}
