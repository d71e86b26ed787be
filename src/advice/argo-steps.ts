// The steps of a Rollout's canary as the way a plan moves traffic.
import { parseDuration } from '../config/duration.ts';
import type { PlainMap } from '../config/document.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import type { Analysis } from './argo-metrics.ts';
import type { Left } from './imported.ts';
import { lengthText } from './length.ts';

export interface Steps {
  /** Part of `analysis`. */
  readonly analysis: PlainMap;
  readonly analyses: readonly Analysis[];
  readonly left: readonly Left[];
}

/** What is gathered on the way. */
interface Course {
  readonly weights: number[];
  /** How long each weight is to last, in ms. */
  readonly lasts: number[];
  /** What was waited for before the first weight. */
  readonly before: number[];
  readonly match: JsonObject[];
  readonly analyses: Analysis[];
  readonly left: Left[];
  /** Percent of the requests that are copied. */
  copied?: number;
  pauses: number;
}

const path = 'spec.strategy.canary.steps';

/** Reads the steps; what has no place in a plan is told. */
export function stepsOf(steps: readonly Json[]): Steps {
  const course: Course = { weights: [], lasts: [], before: [], match: [], analyses: [], left: [], pauses: 0 };
  for (const [index, step] of steps.entries()) take(course, step, `${path}[${index}]`);
  const { weights, match, left, analyses } = course;
  if (weights.length > 0 && match.length > 0)
    left.push({
      path,
      is: 'lost',
      why: 'a trial has weights or conditions: setHeaderRoute is left out; analysis.match with iterations has them alone',
    });
  if (steps.length === 0)
    left.push({ path, is: 'needless', why: 'there are none: Serin gives 10, 20, 30, 40 and 50 %' });
  return { analysis: { ...timeOf(course), ...wayOf(course) }, analyses, left };
}

function wayOf({ weights, match, copied, pauses }: Course): PlainMap {
  const copies = copied === undefined ? {} : { mirror: true, mirrorWeight: copied };
  if (weights.length > 0) return { stepWeights: weights, ...copies };
  if (match.length > 0) return { iterations: Math.max(1, pauses), match };
  return copies;
}

/** One check ends each weight: no weight is shorter than it was asked to be. */
function timeOf({ lasts, before, left, weights }: Course): PlainMap {
  const said = (weights.length === 0 ? before : lasts).filter((ms) => ms > 0);
  if (said.length === 0) return {};
  const longest = Math.max(...said);
  if (weights.some((_, index) => lasts[index] !== longest)) {
    const each = weights.map((_, index) => lengthText(lasts[index] ?? 0)).join(', ');
    left.push({
      path,
      is: 'needless',
      why: `every weight lasts for the longest of the pauses, ${lengthText(longest)}; they were ${each}`,
    });
  }
  return { interval: lengthText(Math.max(1000, longest)) };
}

function take(course: Course, step: Json, at: string): void {
  const [kind = ''] = Object.keys(isObject(step) ? step : {});
  const value = isObject(step) ? step[kind] : undefined;
  const lost = (why: string): unknown => course.left.push({ path: `${at}.${kind}`, is: 'lost', why });
  const needless = (why: string): unknown => course.left.push({ path: `${at}.${kind}`, is: 'needless', why });
  switch (kind) {
    case 'setWeight':
      return setWeight(course, Number(value), lost, needless);
    case 'pause':
      return pause(course, objectAt(step, 'pause'), lost);
    case 'setCanaryScale':
      return void needless('the replicas of the canary follow its traffic');
    case 'setHeaderRoute':
      return void course.match.push(...matchesOf(value));
    case 'setMirrorRoute':
      return mirror(course, value, `${at}.${kind}`);
    case 'analysis':
      course.analyses.push({ path: `${at}.analysis`, value: objectAt(step, 'analysis') });
      return void needless('its metrics are measured at every check, not at this step alone');
    case 'experiment':
      return void lost('is not done: the canary is compared with stable at every look anyway');
    default:
      return void lost('is not done: a gate (analysis.webhooks) can ask an endpoint of yours at every step');
  }
}

type Tell = (why: string) => unknown;

function setWeight({ weights, lasts }: Course, weight: number, lost: Tell, needless: Tell): void {
  const last = weights.at(-1) ?? 0;
  if (weight >= 100 && weights.length > 0) needless('the promotion gives it all traffic');
  else if (weight <= 0 && weights.length === 0) needless('it begins without traffic');
  else if (weight === last) return;
  else if (weight > last && Number.isInteger(weight)) {
    weights.push(weight);
    lasts.push(0);
  } else lost(`weights only rise, and this is ${weight} after ${last}`);
}

function pause(course: Course, value: JsonObject, lost: Tell): void {
  course.pauses += 1;
  const { duration } = value;
  const ms = lengthOf(duration);
  if (ms === undefined)
    return void lost(
      'waits for a person: have a gate of type confirm-traffic-increase (or confirm-promotion) in analysis.webhooks, or say kubectl canary pause',
    );
  const index = course.weights.length - 1;
  if (index < 0) course.before.push(ms);
  else course.lasts[index] = (course.lasts[index] ?? 0) + ms;
}

/** Seconds, or as Go writes it; undefined where it has no end. */
function lengthOf(duration: Json | undefined): number | undefined {
  if (typeof duration === 'number') return duration * 1000;
  if (typeof duration !== 'string') return undefined;
  return /^\d+$/.test(duration) ? Number(duration) * 1000 : parseDuration(duration);
}

/** Those of one route are met together; a route without any takes one away. */
function matchesOf(value: Json | undefined): readonly JsonObject[] {
  const headers = listAt(value, 'match').map(
    (each) => [textAt(each, 'headerName') ?? '', objectAt(each, 'headerValue')] as const,
  );
  return headers.length === 0 ? [] : [{ headers: Object.fromEntries(headers) }];
}

function mirror(course: Course, value: Json | undefined, at: string): void {
  const percent = numberAt(value, 'percentage') ?? 100;
  // A route without conditions takes one away.
  if (listAt(value, 'match').length === 0) return;
  course.copied = percent;
  const why = `without its conditions: ${percent} % of all requests are copied, for one check before the first weight`;
  course.left.push({ path: at, is: 'todo', why });
}
