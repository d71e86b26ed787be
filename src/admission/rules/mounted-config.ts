import type { KubeObject } from '../../kube/objects.ts';
import type { Json } from '../../rollout/types.ts';
import { isList, isObject, textAt } from '../../routing/json.ts';
import { templateOf } from '../deployment.ts';
import { isTwin, namesOf } from './guarded.ts';
import type { Rule } from './rule.ts';

/** Configuration changed in place reaches every pod, on its own or with the next restart, and never has a canary. */
export const mountedConfig: Rule = {
  id: 'mounted-config',
  effect: 'warn',
  looksAt: [
    { resource: 'configmaps', operations: ['UPDATE'] },
    { resource: 'secrets', operations: ['UPDATE'] },
  ],
  check({ resource, name }, around) {
    const kind = resource === 'secrets' ? 'Secret' : 'ConfigMap';
    const using = around.deployments().filter((each) => !isTwin(each) && uses(each, kind, name));
    if (using.length === 0) return [];
    return [
      {
        seen: `${kind} ${name} is changed in place and ${namesOf(using)} ${using.length === 1 ? 'uses' : 'use'} it: no canary tries the change`,
        todo: `make a ${kind} with another name and name that in the template`,
      },
    ];
  },
};

/** Where a template can name one, and under which key the name stands. */
const places = {
  ConfigMap: { configMapKeyRef: 'name', configMapRef: 'name', configMap: 'name' },
  Secret: { secretKeyRef: 'name', secretRef: 'name', secret: 'secretName' },
} as const;

function uses(deployment: KubeObject, kind: keyof typeof places, name: string): boolean {
  return names(templateOf(deployment), places[kind], name);
}

/** The source of a projected volume is called `secret` as a volume is, and has `name` where that has `secretName`. */
function names(json: Json, keys: { readonly [place: string]: string }, name: string): boolean {
  if (isList(json)) return json.some((each) => names(each, keys, name));
  if (!isObject(json)) return false;
  return Object.entries(json).some(([key, value]) => {
    const nameKey = Object.hasOwn(keys, key) ? keys[key] : undefined;
    const isNamed = nameKey !== undefined && [textAt(value, nameKey), textAt(value, 'name')].includes(name);
    return isNamed || names(value, keys, name);
  });
}
