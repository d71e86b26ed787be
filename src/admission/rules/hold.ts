import { parseCanary } from '../../config/canary.ts';
import { names } from '../../kube/objects.ts';
import { isSame, templateOfSet } from '../../rollout/template.ts';
import { listAt, numberAt, objectAt, textAt } from '../../routing/json.ts';
import type { JsonObject } from '../../rollout/types.ts';
import { annotationsOf, isPaused, nameOf, templateOf } from '../deployment.ts';
import { isRelease, isServing, isTwin, setsOf } from './guarded.ts';
import type { Around, Attempt, Finding, Rule } from './rule.ts';

/** No template reaches the pods in place: it is held, or there is nothing that serves. */
export const hold: Rule = {
  id: 'hold',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['UPDATE'] }],
  async check(attempt, around) {
    const { object, oldObject } = attempt;
    if (isPaused(object) || isTwin(oldObject)) return [];
    if (isRelease(attempt)) {
      const isTold = isAtZero(attempt) || isSwitchedOff(object);
      return isTold || (await neverServed(oldObject, around)) ? [] : [inPlace(object)];
    }
    const isResumed = isPaused(oldObject) && isSame(templateOf(object), templateOf(oldObject));
    return isResumed && !(await runs(oldObject, around)) ? [inPlace(object)] : [];
  },
};

function inPlace(object: JsonObject): Finding {
  const name = nameOf(object);
  return {
    seen: `the new template of ${name} would replace all its pods in place, without a canary`,
    todo: `apply the change again once ${name} has pods that are available, so that it is held and tried beside them`,
  };
}

/** Rule zero-replicas has a sentence of its own for it. */
function isAtZero({ object, oldObject }: Attempt): boolean {
  return [object, oldObject].some((each) => numberAt(each['spec'], 'replicas') === 0);
}

/** Rule opt-out has a sentence of its own for it. */
function isSwitchedOff(object: JsonObject): boolean {
  const text = annotationsOf(object)[names.canary];
  return parseCanary(typeof text === 'string' ? text : undefined).ok === 'disabled';
}

/** What the Progressing condition says of a template that never was available as a whole. */
const notYet = [
  'NewReplicaSetCreated',
  'FoundNewReplicaSet',
  'ReplicaSetUpdated',
  'ReplicaSetCreateError',
  'ProgressDeadlineExceeded',
];

/**
 * A version that never came up has nobody to protect, and must be mended. One that served, and whose pods were just
 * deleted or broke, is another matter; a status alone does not prove it, since a status can be written.
 */
async function neverServed(oldObject: JsonObject, around: Around): Promise<boolean> {
  if (isServing(oldObject)) return false;
  const progressing = listAt(objectAt(oldObject, 'status'), 'conditions').find(
    (condition) => textAt(condition, 'type') === 'Progressing',
  );
  const reason = textAt(progressing, 'reason');
  if (reason !== undefined && !notYet.includes(reason)) return false;
  return (await setsOf(oldObject, around)).every((set) => !isServing(set));
}

/** True where no pod serves, or those that do run what the Deployment says. */
async function runs(deployment: JsonObject, around: Around): Promise<boolean> {
  const serving = (await setsOf(deployment, around)).filter(isServing);
  return serving.every((set) => isSame(templateOfSet(set), templateOf(deployment)));
}
