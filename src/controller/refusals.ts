import { hasCode, messageOf } from '../errors.ts';

/** True for what stands in the way until somebody mends it; a conflict with another write passes by itself. */
export function isRefusal(error: unknown): boolean {
  const isRefused = (['KUBE_INVALID', 'KUBE_FORBIDDEN', 'KUBE_CONFLICT'] as const).some((code) =>
    hasCode(error, code),
  );
  return isRefused && !/modified|resourceVersion|already exists/.test(messageOf(error));
}

/** Which candidate of which Deployment a twin is for. */
interface Wanted {
  readonly uid: string;
  readonly revision: string;
}

/**
 * Why twins could not be made as they are to be, by what the last try told. It is not written down: a process that begins
 * tries before it gives anything up.
 */
export class Refusals {
  readonly #last = new Map<string, { readonly revision: string; readonly why: string }>();

  /** What the last try for that candidate told; undefined where it was made, or nobody has tried. */
  why({ uid, revision }: Wanted): string | undefined {
    const last = this.#last.get(uid);
    return last?.revision === revision ? last.why : undefined;
  }

  forget(uid: string): void {
    this.#last.delete(uid);
  }

  /** Does the work, and keeps for which reason it was refused. */
  async noting({ uid, revision }: Wanted, work: () => Promise<void>): Promise<void> {
    try {
      await work();
      this.forget(uid);
    } catch (error) {
      if (isRefusal(error)) this.#last.set(uid, { revision, why: messageOf(error) });
      throw error;
    }
  }
}
