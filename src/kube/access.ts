import type { Clock } from '../clock.ts';
import { SerinError } from '../errors.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Kube } from './kube.ts';
import { within } from './stream.ts';

/** Somebody as kube-apiserver authenticated them. */
export interface User {
  readonly username: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: JsonObject;
}

/** Something that RBAC can allow: a verb on a virtual resource of API group serin.dev. */
export interface Permission {
  readonly verb: string;
  readonly resource: string;
  readonly namespace: string;
  readonly name: string;
}

/** Whether a user may do something; throws where kube-apiserver does not say so in time. */
export type MayDo = (user: User, permission: Permission) => Promise<boolean>;

const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
/** Of the five seconds that an admission may take. */
const limitMs = 2_000;
/** A permission that was taken away is gone after this. */
const keptMs = 5_000;
const mostKept = 500;

/** Asks kube-apiserver by SubjectAccessReview; one question within a few seconds is asked once. */
export function createMayDo(kube: Pick<Kube, 'ask'>, clock: Clock): MayDo {
  const kept = new Map<string, { readonly at: number; readonly answer: boolean }>();
  return async (user, permission) => {
    const key = JSON.stringify([user, permission]);
    const known = kept.get(key);
    if (known !== undefined && clock.now() - known.at < keptMs) return known.answer;
    const body = reviewOf(user, permission);
    const answer = isAllowed(await within(clock, limitMs, kube.ask(path, body)).catch(notAnswered));
    if (kept.size >= mostKept) kept.clear();
    kept.set(key, { at: clock.now(), answer });
    return answer;
  };
}

function reviewOf({ username, uid, groups, extra }: User, permission: Permission): JsonObject {
  return {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: username,
      groups,
      extra,
      ...(uid === undefined ? {} : { uid }),
      resourceAttributes: { group: 'serin.dev', ...permission },
    },
  };
}

function isAllowed(answer: Json): boolean {
  const { status } = answer as { readonly status?: { readonly allowed?: unknown } };
  return status?.allowed === true;
}

function notAnswered(cause: unknown): never {
  if (cause instanceof SerinError) throw cause;
  throw new SerinError('KUBE_UNREACHABLE', 'cannot ask what the user may do: no answer in time', { cause });
}
