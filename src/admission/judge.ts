import { messageOf, SerinError } from '../errors.ts';
import { reasonIn, reasonOf } from './bypass.ts';
import { rules } from './rules/index.ts';
import { type Around, type Attempt, type Finding, looksAt, type Rule } from './rules/rule.ts';

/** A finding of a rule; `effect` says whether it keeps the attempt back. */
export interface Violation extends Finding {
  readonly rule: string;
  readonly effect: Rule['effect'];
}

/** Everything that the rules have against an attempt, in the order of the rules. */
export async function violationsOf(attempt: Attempt, around: Around): Promise<readonly Violation[]> {
  const asked = rules.filter((rule) => looksAt(rule, attempt));
  return (await Promise.all(asked.map((rule) => violations(rule, attempt, around)))).flat();
}

/** A rule that cannot know what it asks for has not been kept: that is said, and is no passing. */
async function violations(rule: Rule, attempt: Attempt, around: Around): Promise<readonly Violation[]> {
  const { id, effect } = rule;
  try {
    return (await rule.check(attempt, around)).map((finding) => ({ rule: id, effect, ...finding }));
  } catch (error) {
    if (!(error instanceof SerinError)) throw error;
    const seen = `cannot be judged just now: ${messageOf(error)}`;
    // Pods are what everything heals with: what we do not know must not keep one from being made.
    const ofPod = attempt.resource === 'pods' && attempt.operation === 'CREATE';
    return [{ rule: id, effect: ofPod ? 'warn' : effect, seen, todo: 'try again in a moment' }];
  }
}

/** The reason that is given for going around the rules. What cannot write one goes by the one that is stored. */
export function givenReason({ operation, subResource, object, oldObject }: Attempt): string | undefined {
  return operation === 'DELETE' || subResource !== '' ? reasonOf(oldObject) : reasonIn(object, oldObject);
}
