import { failureOfAnswer } from '../kube/answer.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Json } from '../rollout/types.ts';
import { isObject, objectAt, textAt } from '../routing/json.ts';
import type { Ask } from './call.ts';
import { warningsIn } from './call.ts';

/** What came of a dry run. */
export type Tried =
  | { readonly is: 'taken'; readonly object: KubeObject; readonly warnings: readonly string[] }
  /** By a webhook, a policy, a right that is missing: in the words of whoever refused. */
  | { readonly is: 'refused'; readonly message: string; readonly warnings: readonly string[] }
  /** Nobody said what would come of it. */
  | { readonly is: 'unknown'; readonly why: string };

/** Nothing can be told by these: who is asked is not who would answer, or is too busy to. */
const saysNothing = [401, 408, 429, 502, 503, 504];

/** Sends what an apply would send, and stores nothing. */
export async function dryRun(ask: Ask, call: Parameters<Ask>[0]): Promise<Tried> {
  const answer = await ask(call);
  if ('unanswered' in answer) return { is: 'unknown', why: answer.unanswered };
  const { status, text } = answer;
  if (saysNothing.includes(status)) return { is: 'unknown', why: messageIn(answer) };
  const warnings = warningsIn(answer);
  if (status < 200 || status > 299) return { is: 'refused', message: messageIn(answer), warnings };
  const object = objectIn(text);
  return object === undefined
    ? { is: 'unknown', why: 'the answer is not an object of Kubernetes' }
    : { is: 'taken', object, warnings };
}

/** What would be created has no resourceVersion, since it is not stored. */
function objectIn(text: string): KubeObject | undefined {
  try {
    const json = JSON.parse(text) as Json;
    const name = isObject(json) ? textAt(json['metadata'], 'name') : undefined;
    if (!isObject(json) || name === undefined) return undefined;
    const metadata = { uid: '', resourceVersion: '', ...objectAt(json, 'metadata'), name };
    return { ...json, metadata };
  } catch {
    return undefined;
  }
}

/** The server's own words, nothing before them. */
function messageIn(answer: Parameters<typeof failureOfAnswer>[1]): string {
  return failureOfAnswer('', answer).message.replace(/^: /, '');
}
