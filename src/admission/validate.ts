import { hasCode, messageOf, SerinError } from '../errors.ts';
import { bypass } from './bypass.ts';
import { givenReason, type Violation, violationsOf } from './judge.ts';
import type { Around, Attempt } from './rules/rule.ts';
import { deny, type Verdict } from './verdict.ts';

/** Whether broken rules refuse, or only warn and are counted (`serin.dev/enforce: warn`). */
export type Force = 'refuse' | 'warn';

/** What became of a broken rule. */
export type Broken = 'refused' | 'warned' | 'bypassed';

/** Who is told what the rules found. */
export interface Told {
  readonly onBroken: (rule: string, outcome: Broken) => void;
  /** Somebody who may do so went around rules; never for a dry run. */
  readonly onBypass: (attempt: Attempt, message: string) => void;
}

/** Judges an attempt in an enforced namespace by every rule, and answers with all that is broken at once. */
export async function validate(attempt: Attempt, force: Force, around: Around, told: Told): Promise<Verdict> {
  const violations = await violationsOf(attempt, around);
  const broken = violations.filter(({ effect }) => effect === 'refuse');
  const notes = violations.filter(({ effect }) => effect === 'warn');
  const count = (list: readonly Violation[], outcome: Broken): void => {
    for (const { rule } of list) told.onBroken(rule, outcome);
  };
  count(notes, 'warned');
  if (broken.length === 0) return allowed(notes.map(lineOf));
  if (force === 'warn') {
    count(broken, 'warned');
    return allowed([...broken, ...notes].map(lineOf));
  }
  const glass = await brokenGlass(attempt, around);
  if (!('by' in glass)) {
    count(broken, 'refused');
    return { ...deny(403, refusal(broken, glass.why)), warnings: notes.map(lineOf) };
  }
  count(broken, 'bypassed');
  const names = broken.map(({ rule }) => rule).join(', ');
  const message = `${glass.by} went around ${names}: ${glass.reason}`;
  if (!attempt.dryRun) told.onBypass(attempt, message);
  return { ...allowed([message, ...notes.map(lineOf)]), audit: { bypass: message } };
}

type Glass = { readonly by: string; readonly reason: string } | { readonly why: string };

/** Whether this request may go around the rules, or what it lacks. */
async function brokenGlass(attempt: Attempt, around: Around): Promise<Glass> {
  const { namespace, user } = attempt;
  const verb = `the RBAC verb bypass on deployments.serin.dev in ${namespace}`;
  const reason = givenReason(attempt);
  if (reason === undefined) {
    return { why: `In an emergency, who has ${verb} goes on with a new reason in the annotation ${bypass}.` };
  }
  try {
    if (await around.can('bypass')) return { by: user.username, reason };
  } catch (error) {
    if (!(error instanceof SerinError) || hasCode(error, 'REVIEW_INVALID')) throw error;
    return {
      why: `${bypass} gives a reason, and whether ${user.username} has ${verb} is not known: ${messageOf(error)}.`,
    };
  }
  return { why: `${bypass} gives a reason, and ${user.username} does not have ${verb}.` };
}

function refusal(broken: readonly Violation[], more: string): string {
  const lines = broken.map((each) => `- ${lineOf(each)}`);
  return ['the rules of this namespace (serin.dev/mode: enforce) keep this back:', ...lines, more].join('\n');
}

/** One violation as a line: the rule, what was seen, what to do. */
function lineOf({ rule, seen, todo }: Violation): string {
  return `[${rule}] ${seen}; ${todo}`;
}

function allowed(warnings: readonly string[]): Verdict {
  return { kind: 'allow', patch: [], warnings, outcome: 'passed' };
}
