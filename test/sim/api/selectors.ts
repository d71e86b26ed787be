// The selectors of lists, watches, webhooks and policies.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { matchesLabels } from '../../rig/label-selector.ts';
import { badRequest } from './refusal.ts';

type Labels = Readonly<Record<string, string>>;
export type Matcher = (object: KubeObject) => boolean;

/** What a query selects. */
export function matcherOf(labelSelector: string | undefined, fieldSelector: string | undefined): Matcher {
  const fields = fieldTests(fieldSelector);
  const hasLabels = labelSelector !== undefined && labelSelector !== '';
  return (object) =>
    (!hasLabels || matchesLabels(labelSelector, object.metadata.labels ?? {})) &&
    fields.every((test) => test(object));
}

function fieldTests(selector: string | undefined): Matcher[] {
  if (selector === undefined || selector === '') return [];
  return selector.split(',').map((part) => {
    const [, path = '', how, value = ''] = /^([^=!]+?)\s*(==|=|!=)\s*(.*)$/.exec(part.trim()) ?? [];
    if (how === undefined) throw badRequest(`invalid selector: '${selector}'; can't understand '${part}'`);
    const keys = path.split('.');
    return (object) => (fieldAt(object, keys) === value) === (how !== '!=');
  });
}

function fieldAt(object: JsonObject, keys: readonly string[]): string {
  let value: Json | undefined = object;
  for (const key of keys) value = (value as JsonObject | undefined)?.[key];
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** Whether labels meet a metav1.LabelSelector; an empty or absent one selects everything. */
export function meetsSelector(selector: JsonObject, labels: Labels): boolean {
  const wanted = Object.entries(objectAt(selector, 'matchLabels'));
  const expressions = listAt(selector, 'matchExpressions');
  return (
    wanted.every(([key, value]) => labels[key] === value) && expressions.every((each) => meets(each, labels))
  );
}

function meets(expression: Json, labels: Labels): boolean {
  const key = textAt(expression, 'key') ?? '';
  const values = listAt(expression, 'values');
  const value = labels[key];
  switch (textAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      throw new Error(`no operator of a label selector: ${JSON.stringify(expression)}`);
  }
}
