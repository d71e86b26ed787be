import { mistakesText, parseCanary } from '../../config/canary.ts';
import type { Floor } from '../../config/floor.ts';
import { names } from '../../kube/objects.ts';
import { weightsOf } from '../../rollout/strategy.ts';
import type { Json, MetricSpec, RolloutSpec } from '../../rollout/types.ts';
import { objectAt } from '../../routing/json.ts';
import { annotationsOf } from '../deployment.ts';
import { floorOf } from './floor.ts';
import { annotationChanges, isRelease, isTwin, listed } from './guarded.ts';
import type { Around, Attempt, Finding, Rule, Settings } from './rule.ts';

/** A plan that looks at nothing, or goes to everybody at once, is no canary. */
export const plan: Rule = {
  id: 'plan',
  effect: 'refuse',
  looksAt: [
    { resource: 'apps/deployments', operations: ['CREATE', 'UPDATE'] },
    { resource: 'configmaps', operations: ['CREATE', 'UPDATE'] },
  ],
  check: (attempt, around) =>
    attempt.resource === 'configmaps' ? onDefaults(attempt, around) : onDeployment(attempt, around),
};

async function onDeployment(attempt: Attempt, around: Around): Promise<readonly Finding[]> {
  const isAsked = annotationChanges(attempt, names.canary) && annotationsOf(attempt.object)[names.canary];
  if (isTwin(attempt.oldObject) || (!isAsked && !isRelease(attempt))) return [];
  const { defaults, floor } = await around.settings();
  return judged(annotationsOf(attempt.object)[names.canary], { defaults, floor }, around);
}

/** The defaults are judged by the floor that is written beside them, which rule `floor` judges. */
async function onDefaults({ name, object }: Attempt, around: Around): Promise<readonly Finding[]> {
  const defaults = objectAt(object, 'data')['canary.yaml'];
  if (name !== 'serin' || typeof defaults !== 'string') return [];
  return judged(undefined, { defaults, floor: floorOf(object) }, around);
}

async function judged(
  text: Json | undefined,
  { defaults, floor }: Settings,
  around: Around,
): Promise<readonly Finding[]> {
  const parsed = parseCanary(typeof text === 'string' ? text : undefined, defaults);
  // Switched off: rule opt-out.
  if (parsed.ok === 'disabled') return [];
  if (!parsed.ok)
    return [{ seen: `the plan cannot be followed: ${mistakesText(parsed.mistakes)}`, todo: 'mend it' }];
  const wrong = [...weaknesses(parsed.spec, floor), ...(await skipped(parsed.spec, around))];
  if (wrong.length === 0) return [];
  const [seen, todo] = [wrong.map((each) => each.seen), wrong.map((each) => each.todo)];
  return [{ seen: `the plan ${listed(seen)}`, todo: `keep to the floor of the namespace: ${listed(todo)}` }];
}

/** To promote without checks is what the verb promote is for, whichever way it is said. */
async function skipped({ skipAnalysis }: RolloutSpec, around: Around): Promise<readonly Finding[]> {
  if (!skipAnalysis || (await around.can('promote'))) return [];
  return [
    {
      seen: 'skips the analysis, for which the RBAC verb promote on deployments.serin.dev is missing',
      todo: 'no skipAnalysis',
    },
  ];
}

function weaknesses({ analysis }: RolloutSpec, floor: Floor): readonly Finding[] {
  const { strategy, metrics, intervalMs, threshold } = analysis;
  // By iterations all of it moves at once, after as many checks as are asked for: no step goes before its check.
  const weights = weightsOf(strategy);
  const step = Math.max(0, ...weights.map((weight, index) => weight - (weights[index - 1] ?? 0)));
  const found = (isWeak: boolean, seen: string, todo: string): readonly Finding[] =>
    isWeak ? [{ seen, todo }] : [];
  return [
    ...found(
      step > floor.step,
      `moves ${step} percent of the traffic in one step`,
      `steps of at most ${floor.step} percent`,
    ),
    ...found(!metrics.some(canFail), 'has no metric that can fail', 'a metric that can fail'),
    ...found(
      intervalMs < floor.intervalMs,
      `looks every ${intervalMs / 1000}s`,
      `an interval of ${floor.intervalMs / 1000}s or more`,
    ),
    ...found(
      threshold > floor.threshold,
      `rolls back after ${threshold} failed checks`,
      `a threshold of at most ${floor.threshold}`,
    ),
  ];
}

/** A success rate is never below 0: such a bound passes whatever happens. */
function canFail({ name, min }: MetricSpec): boolean {
  return name !== 'request-success-rate' || (min ?? 0) > 0;
}
