// What is asked of a forge about a request and its comments, whichever forge it is.
import type { Api } from '../promote/api.ts';
import type { Said } from './event.ts';

export const context = 'serin/canary';

/** How a commit does, as its page shows it. */
export interface Mark {
  readonly sha: string;
  readonly state: 'pending' | 'success' | 'failure';
  /** At most 140 characters. */
  readonly description: string;
  /** Where it is deployed, as `shop/web`. */
  readonly environment: string;
  /** Where more of it can be read; absent where nobody has asked. */
  readonly url?: string;
}

/** The comments of one request. Every method throws Stop where the forge does not answer, or refuses. */
export interface Thread {
  /** The commits that the request is known by: what its merge made first, then the head of its branch. */
  readonly commits: () => Promise<readonly string[]>;
  /** Answers what `edit` knows the new comment by. */
  readonly say: (text: string) => Promise<string>;
  readonly edit: (comment: string, text: string) => Promise<void>;
  readonly mark: (mark: Mark) => Promise<void>;
}

/** A repository of a forge; `installation` is that of the GitHub App, where it is known. */
export type Place = Pick<Said, 'forge' | 'repository' | 'installation'>;

export interface ThreadOptions {
  readonly api: Api;
  /** The API beside it that only GitHub has, and only for what REST has no word of ours for. */
  readonly graphql: Api;
  readonly said: Place & Partial<Pick<Said, 'number'>>;
}

/** True for the whole name of a commit. */
export function isSha(text: string | undefined): text is string {
  return text !== undefined && /^[0-9a-f]{40,64}$/i.test(text);
}
