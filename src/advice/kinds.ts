import type { Resource } from '../kube/objects.ts';
import type { Json } from '../rollout/types.ts';
import { isObject, listAt, textAt } from '../routing/json.ts';
import type { Ask } from './call.ts';

/** Where a kind lives; or why that is not known. */
export type Kinds = (apiVersion: string, kind: string) => Promise<Resource | { readonly unknown: string }>;

/** Asks the API server what kinds it serves, each version once. */
export function kindsOf(ask: Ask): Kinds {
  const asked = new Map<string, ReturnType<Ask>>();
  return async (apiVersion, kind) => {
    const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
    const path = group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
    const answer = asked.get(path) ?? ask({ method: 'GET', path });
    asked.set(path, answer);
    const heard = await answer;
    if ('unanswered' in heard) return { unknown: heard.unanswered };
    if (heard.status === 404) return { unknown: `the server has no ${apiVersion}` };
    if (heard.status !== 200) return { unknown: `${apiVersion} cannot be looked up: HTTP ${heard.status}` };
    const found = listAt(JSON.parse(heard.text) as Json, 'resources').find(
      (each) => textAt(each, 'kind') === kind && !(textAt(each, 'name') ?? '').includes('/'),
    );
    if (!isObject(found)) return { unknown: `the server has no ${kind} in ${apiVersion}` };
    const namespaced = found['namespaced'] === true;
    return {
      group: group ?? '',
      version: version ?? '',
      plural: textAt(found, 'name') ?? '',
      kind,
      namespaced,
    };
  };
}
