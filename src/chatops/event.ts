// What a webhook says, as the forges document it:
// https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment
// https://docs.gitlab.com/user/project/integrations/webhook_events/#comment-on-a-merge-request
import type { Json } from '../rollout/types.ts';
import { isObject, numberAt, objectAt, textAt } from '../routing/json.ts';
import type { ForgeName } from './settings.ts';

/** A new comment below a pull or merge request. */
export interface Said {
  readonly forge: ForgeName;
  /** Owner or groups, and name. */
  readonly repository: string;
  /** Of the request, as the forge counts it. */
  readonly number: string;
  /** Of the comment. */
  readonly id: string;
  readonly author: string;
  readonly text: string;
  /** The comment, for people. */
  readonly url: string;
  readonly at: number;
  /** Of the GitHub App; absent where it is a plain webhook. */
  readonly installation?: string;
}

/** The one event that each forge has for it. */
export const eventNames: Readonly<Record<ForgeName, string>> = {
  github: 'issue_comment',
  gitlab: 'Note Hook',
};

/** The comment of an event; undefined for any other. */
export function saidIn(forge: ForgeName, body: Json): Said | undefined {
  const said = forge === 'github' ? ofGithub(body) : ofGitlab(body);
  return said !== undefined && isSound(said) ? said : undefined;
}

function ofGithub(body: Json): Said | undefined {
  const [issue, comment] = [objectAt(body, 'issue'), objectAt(body, 'comment')];
  const user = objectAt(comment, 'user');
  // Programs do not talk to each other here.
  if (textAt(body, 'action') !== 'created' || textAt(user, 'type') === 'Bot') return undefined;
  if (!isObject(issue['pull_request'])) return undefined;
  const installation = numberAt(objectAt(body, 'installation'), 'id');
  return {
    forge: 'github',
    repository: textAt(objectAt(body, 'repository'), 'full_name') ?? '',
    number: idIn(issue, 'number'),
    id: idIn(comment, 'id'),
    author: textAt(user, 'login') ?? '',
    text: textAt(comment, 'body') ?? '',
    url: textAt(comment, 'html_url') ?? '',
    at: Date.parse(textAt(comment, 'created_at') ?? ''),
    ...(installation === undefined ? {} : { installation: String(installation) }),
  };
}

function ofGitlab(body: Json): Said | undefined {
  const [note, request] = [objectAt(body, 'object_attributes'), objectAt(body, 'merge_request')];
  if (textAt(body, 'object_kind') !== 'note' || textAt(note, 'noteable_type') !== 'MergeRequest')
    return undefined;
  // GitLab before 16.5 says no action, and tells of new notes alone.
  if ((textAt(note, 'action') ?? 'create') !== 'create' || note['system'] === true) return undefined;
  return {
    forge: 'gitlab',
    repository: textAt(objectAt(body, 'project'), 'path_with_namespace') ?? '',
    number: idIn(request, 'iid'),
    id: idIn(note, 'id'),
    author: textAt(objectAt(body, 'user'), 'username') ?? '',
    text: textAt(note, 'note') ?? '',
    url: textAt(note, 'url') ?? '',
    // `2025-05-17 18:08:09 UTC` or ISO 8601, by version.
    at: Date.parse((textAt(note, 'created_at') ?? '').replace(/ UTC$/, 'Z').replace(' ', 'T')),
  };
}

function idIn(json: Json, key: string): string {
  return String(numberAt(json, key) ?? '');
}

/** It goes into addresses, and some of it into what people read. */
function isSound({ repository, number, id, author, url, at }: Said): boolean {
  return (
    /^[\w.-]+(\/[\w.-]+)+$/.test(repository) &&
    !repository.split('/').some((part) => /^\.+$/.test(part)) &&
    [number, id].every((each) => /^\d+$/.test(each)) &&
    /^[\w.-]{1,255}$/.test(author) &&
    /^https?:\/\/[\x21-\x7e]{1,300}$/.test(url) &&
    Number.isFinite(at)
  );
}
