import { actionHeader, type Answered, type Detail } from '../wire.ts';

/** All of one rollout; a sentence where there is none to be had. */
export async function askDetail(key: string, signal: AbortSignal): Promise<Detail | string> {
  const [namespace = '', name = ''] = key.split('/');
  const search = new URLSearchParams({ namespace, name });
  return answered<Detail>(fetch(`/api/rollout?${search.toString()}`, { signal }));
}

/** What somebody wants done with a rollout. */
export interface Action {
  readonly verb: string;
  readonly reason: string;
  /** The candidate that they saw: it is for no other. */
  readonly revision: string | undefined;
  /** Of a rollback: to which revision; absent: the one before. */
  readonly to: string | undefined;
}

/** Has a command said; undefined once it was, else why not. */
export async function askAction(
  key: string,
  { verb, reason, revision, to }: Action,
): Promise<string | undefined> {
  const [namespace, name] = key.split('/');
  const body = JSON.stringify({
    ...{ namespace, name, do: verb, revision, to },
    ...(reason === '' ? {} : { reason }),
  });
  const headers = { 'content-type': 'application/json', [actionHeader]: '1' };
  const answer = await answered<Answered>(fetch('/api/act', { method: 'POST', headers, body }));
  return typeof answer === 'string' ? answer : undefined;
}

async function answered<T>(asked: Promise<Response>): Promise<T | string> {
  try {
    const response = await asked;
    const body = (await response.json()) as T | { readonly why: string };
    if (response.ok) return body as T;
    return (body as { readonly why: string }).why;
  } catch (error: unknown) {
    return error instanceof Error && error.name === 'AbortError'
      ? ''
      : 'the server of this page does not answer: is kubectl canary dashboard still running?';
  }
}
