// From an HTTP request to a call.
import type { Resource } from '../../../src/kube/objects.ts';
import type { Request } from '../../../src/kube/transport.ts';
import type { Json } from '../../../src/rollout/types.ts';
import type { Call, Caller, PatchType, Verb } from './types.ts';

const patchTypes: Readonly<Record<string, PatchType>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
};

/** The product never replaces; others do. */
type Method = Request['method'] | 'PUT';

/** What of a path names a kind, and what of it. */
interface Target {
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly subresource: Call['subresource'];
}

/** The call that a request stands for; undefined where no such path is served. */
export function callOf(
  { method, path, headers, body }: Pick<Request, 'path' | 'headers' | 'body'> & { readonly method: Method },
  caller: Caller,
  served: (group: string, version: string, plural: string) => Resource | undefined,
): Call | undefined {
  const [way = '', search = ''] = path.split('?', 2);
  const target = targetOf(way, served);
  if (target === undefined) return undefined;
  const query = Object.fromEntries(new URLSearchParams(search));
  const contentType = headers['content-type'];
  const patchType = typeof contentType === 'string' ? patchTypes[contentType] : undefined;
  return {
    ...{ caller, query, ...target },
    verb: verbOf(method, target, query),
    ...(method === 'PATCH' && patchType !== undefined ? { patchType } : {}),
    ...(body === undefined ? {} : { body: JSON.parse(body) as Json }),
  };
}

function verbOf(method: Method, { name }: Target, query: Call['query']): Verb {
  switch (method) {
    case 'POST':
      return 'create';
    case 'PUT':
      return 'update';
    case 'PATCH':
      return 'patch';
    case 'DELETE':
      return 'delete';
    case 'GET':
      if (query['watch'] === 'true' || query['watch'] === '1') return 'watch';
      return name === undefined ? 'list' : 'get';
  }
}

function targetOf(
  way: string,
  served: (group: string, version: string, plural: string) => Resource | undefined,
): Target | undefined {
  const [, root, ...parts] = way.split('/').map((part) => decodeURIComponent(part));
  if (root !== 'api' && root !== 'apis') return undefined;
  const group = root === 'api' ? '' : parts.shift();
  const version = parts.shift();
  if (group === undefined || version === undefined) return undefined;
  // /namespaces/NAME alone is the namespace itself.
  const isInside = parts[0] === 'namespaces' && parts.length > 2 && !isSubresource(parts[2]);
  const namespace = isInside ? parts[1] : undefined;
  const [plural = '', name, subresource] = isInside ? parts.slice(2) : parts;
  const resource = served(group, version, plural);
  if (resource === undefined) return undefined;
  if (subresource !== undefined && !isSubresource(subresource)) return undefined;
  return { resource, namespace, name, subresource };
}

function isSubresource(part: string | undefined): part is NonNullable<Call['subresource']> {
  return part === 'status' || part === 'scale' || part === 'eviction';
}
