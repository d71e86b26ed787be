import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from './json.ts';
import type { Labels } from './types.ts';

/** What Kubernetes calls a label selector; a Service's is one of `matchLabels` alone. */
export interface Selector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly Expression[];
}

interface Expression {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** A selector as a Deployment, a PodDisruptionBudget or a policy has it. */
export function labelSelector(selector: JsonObject): Selector {
  return {
    matchLabels: labelsIn(selector['matchLabels']),
    matchExpressions: listAt(selector, 'matchExpressions').map((expression) => ({
      key: textAt(expression, 'key') ?? '',
      operator: textAt(expression, 'operator') ?? '',
      values: listAt(expression, 'values').map(String),
    })),
  };
}

/** The selector of a Service; undefined where it has none: its endpoints are then written by somebody else. */
export function serviceSelector(service: JsonObject): Selector | undefined {
  const matchLabels = labelsIn(objectAt(service, 'spec')['selector']);
  return Object.keys(matchLabels).length === 0 ? undefined : { matchLabels, matchExpressions: [] };
}

/** The entries of an object that are texts, as labels are. */
export function labelsIn(json: Json | undefined): Labels {
  const entries = Object.entries(isObject(json) ? json : {}).flatMap(([key, value]) =>
    typeof value === 'string' ? [[key, value] as const] : [],
  );
  return Object.fromEntries(entries);
}

/** True when a pod with these labels is selected; an empty selector selects every pod. */
export function selectorMatches({ matchLabels, matchExpressions }: Selector, labels: Labels): boolean {
  return (
    Object.entries(matchLabels).every(([key, value]) => labels[key] === value) &&
    matchExpressions.every((expression) => expressionMatches(expression, labels))
  );
}

/** The keys a selector looks at. */
export function keysOf({ matchLabels, matchExpressions }: Selector): ReadonlySet<string> {
  return new Set([...Object.keys(matchLabels), ...matchExpressions.map(({ key }) => key)]);
}

function expressionMatches({ key, operator, values }: Expression, labels: Labels): boolean {
  const value = labels[key];
  switch (operator) {
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    case 'In':
      return value !== undefined && values.includes(value);
    default: // NotIn: selects what lacks the key, too
      return value === undefined || !values.includes(value);
  }
}
