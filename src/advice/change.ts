// How the new template differs, in a few words.
import { templateOf } from '../kube/deployment.ts';
import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isList, isObject, listAt, objectAt, textAt } from '../routing/json.ts';

export interface Changed {
  readonly images: readonly { readonly container: string; readonly from: string; readonly to: string }[];
  /** Where else the templates differ, as `containers.web.env`. */
  readonly also: readonly string[];
}

/** What changes from one Deployment's template to the other's. */
export function changeOf(before: JsonObject, after: JsonObject): Changed {
  const [old, next] = [before, after].map((each) => templateOf(each));
  const images = listAt(objectAt(next, 'spec'), 'containers').flatMap((each) => {
    const container = textAt(each, 'name') ?? '';
    const was = listAt(objectAt(old, 'spec'), 'containers').find(
      (other) => textAt(other, 'name') === container,
    );
    const [from, to] = [textAt(was, 'image'), textAt(each, 'image')];
    return from === undefined || to === undefined || from === to ? [] : [{ container, from, to }];
  });
  const also = differences(old ?? null, next ?? null, '', 0).filter((path) => !path.endsWith('.image'));
  return { images, also: [...new Set(also.map((path) => path.replace(/^spec\./, '')))] };
}

const deepest = 4;

function differences(a: Json, b: Json, path: string, depth: number): readonly string[] {
  if (isSame(a, b)) return [];
  if (depth < deepest && isObject(a) && isObject(b)) {
    const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])];
    return keys.flatMap((key) =>
      differences(a[key] ?? null, b[key] ?? null, path === '' ? key : `${path}.${key}`, depth + 1),
    );
  }
  if (depth < deepest && isNamed(a) && isNamed(b)) return differences(byName(a), byName(b), path, depth);
  return [path];
}

function isNamed(list: Json): list is readonly JsonObject[] {
  return isList(list) && list.length > 0 && list.every((each) => textAt(each, 'name') !== undefined);
}

function byName(list: readonly JsonObject[]): JsonObject {
  return Object.fromEntries(list.map((each) => [textAt(each, 'name') ?? '', each]));
}
