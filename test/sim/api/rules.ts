// Which writes a webhook or a policy is about.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import type { Admitted } from './admission.ts';
import { kindKey, kinds } from './kinds.ts';
import { meetsSelector } from './selectors.ts';
import type { Storage } from './storage.ts';

/** Whether one of the rules names the operation and the resource. */
export function isNamed(rules: readonly Json[], { call, operation }: Admitted): boolean {
  const { group, version, plural, namespaced } = call.resource;
  const whole = call.subresource === undefined ? plural : `${plural}/${call.subresource}`;
  return rules.some((rule) => {
    const scope = textAt(rule, 'scope') ?? '*';
    return (
      has(rule, 'operations', operation) &&
      has(rule, 'apiGroups', group) &&
      has(rule, 'apiVersions', version) &&
      listAt(rule, 'resources').some((each) => covers(each, whole, call.subresource)) &&
      (scope === '*' || (scope === 'Namespaced') === namespaced)
    );
  });
}

function has(rule: Json, key: string, value: string): boolean {
  const values = listAt(rule, key);
  return values.includes('*') || values.includes(value);
}

function covers(pattern: Json, whole: string, subresource: string | undefined): boolean {
  if (pattern === whole || pattern === '*/*') return true;
  if (pattern === '*') return subresource === undefined;
  const [plural, below] = (pattern as string).split('/');
  if (plural === '*') return below === subresource;
  return below === '*' && plural === whole.split('/')[0];
}

/** Whether the namespace that is written in, and the object before or after, carry the labels asked for. */
export function isSelected(storage: Storage, selectors: JsonObject, write: Admitted): boolean {
  return isInNamespace(storage, selectors, write) && isObjectSelected(selectors, write);
}

function isInNamespace(
  storage: Storage,
  selectors: JsonObject,
  { call, object, oldObject, name }: Admitted,
): boolean {
  const selector = objectAt(selectors, 'namespaceSelector');
  if (Object.keys(selector).length === 0) return true;
  if (kindKey(call.resource) === 'namespaces.')
    return meetsSelector(selector, labelsOf(object ?? oldObject, name));
  if (call.namespace === undefined) return true;
  return meetsSelector(
    selector,
    labelsOf(storage.get(kinds.namespaces, undefined, call.namespace), call.namespace),
  );
}

function isObjectSelected(selectors: JsonObject, { object, oldObject }: Admitted): boolean {
  const selector = objectAt(selectors, 'objectSelector');
  if (Object.keys(selector).length === 0) return true;
  return [object, oldObject].some((each) => each !== undefined && meetsSelector(selector, labelsOf(each)));
}

function labelsOf(object: JsonObject | KubeObject | undefined, namespace?: string): Record<string, string> {
  const labels = objectAt(objectAt(object ?? null, 'metadata'), 'labels') as Record<string, string>;
  // kube-apiserver puts this one on every namespace.
  return namespace === undefined ? labels : { ...labels, 'kubernetes.io/metadata.name': namespace };
}
