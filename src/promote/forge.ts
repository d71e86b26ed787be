// What is asked of a forge, whichever it is.
import type { Api } from './api.ts';

/** A pull request, merge request. */
export interface Request {
  /** As the forge counts it. */
  readonly number: string;
  /** For people. */
  readonly url: string;
  readonly state: 'open' | 'merged' | 'closed';
  /** The newest commit of its branch. */
  readonly head?: string;
  /** Why it cannot be merged now, in the forge's word; absent where it does not say. */
  readonly blocked?: string;
  /** True where it is known to fit no more to what it is to be merged to. */
  readonly conflicts?: true;
}

export interface Opening {
  readonly branch: string;
  /** That it is to be merged to. */
  readonly base: string;
  readonly title: string;
  readonly body: string;
}

/** Every method throws Stop where the forge does not answer, or refuses. */
export interface Forge {
  /** The open request of a branch. */
  find(branch: string, base: string): Promise<Request | undefined>;
  open(opening: Opening): Promise<Request>;
  look(number: string): Promise<Request>;
  /** Merges it, or has it merged when it may be; answers why that is not so yet, undefined where it is asked for. */
  merge(request: Request): Promise<string | undefined>;
}

/** A forge behind its API; `path` is owner, groups, project and repository. */
export type OpenForge = (api: Api, path: readonly string[]) => Forge;

/** Parts of a path of an API. */
export function encoded(...parts: readonly string[]): string {
  return parts.map((part) => encodeURIComponent(part)).join('/');
}

/** A query. */
export function query(asked: Readonly<Record<string, string>>): string {
  return `?${new URLSearchParams(asked).toString()}`;
}
