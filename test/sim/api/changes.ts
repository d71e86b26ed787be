// What a write makes of the object that is there.
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { isObject } from '../../../src/routing/json.ts';
import { traitsOf } from './kinds.ts';
import { merged, patched } from './patch.ts';
import { badRequest, failure, Refusal } from './refusal.ts';
import { rescaled, scaleOf } from './scale.ts';
import { strategic } from './strategic.ts';
import type { Call } from './types.ts';

type Change = (before: KubeObject) => JsonObject;

/** The change that a PUT or a patch other than an apply asks for. */
export function changeOf(call: Call): Change {
  const change = plainChangeOf(call);
  return call.subresource === 'scale' ? (before) => rescaled(call, before, change(scaleOf(before))) : change;
}

function plainChangeOf({ verb, patchType, resource, body = null }: Call): Change {
  if (verb === 'update') return () => objectIn(body);
  switch (patchType) {
    case 'json':
      return (before) => patched(before, body);
    case 'merge':
      return (before) => objectIn(merged(before, objectIn(body)));
    case 'strategic':
      if (traitsOf(resource).isCustom) throw unsupported();
      return (before) => strategic(before, objectIn(body));
    default:
      throw unsupported();
  }
}

function objectIn(body: Call['body']): JsonObject {
  if (isObject(body)) return body;
  const what = Array.isArray(body) ? 'array' : typeof body;
  throw badRequest(
    `error decoding patch: json: cannot unmarshal ${what} into Go value of type map[string]interface {}`,
  );
}

function unsupported(): Refusal {
  const message =
    'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml';
  return new Refusal(failure(415, 'UnsupportedMediaType', message));
}
