// Values that the tests of this folder share: the shop's Service `web`, and VirtualServices around it.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import jsonPatch from 'fast-json-patch';
import { parse } from 'yaml';
import type { Json, JsonObject, PatchOp } from '../../src/rollout/types.ts';
import type { Split } from '../../src/routing/types.ts';

export const web: Split = {
  service: { name: 'web', namespace: 'shop', ports: [{ port: 80, name: 'http' }] },
  twinService: 'web-canary',
};

export const hash = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A VirtualService of the folder's yaml files. */
export function virtualServiceIn(file: string): JsonObject {
  return parse(readFileSync(new URL(`virtualservices/${file}.yaml`, import.meta.url), 'utf8')) as JsonObject;
}

/** A VirtualService in `namespace` with one unnamed HTTP route per list of destinations. */
export function aVirtualService(
  lists: readonly (readonly Json[])[],
  { namespace = 'shop', name = 'web' }: { readonly namespace?: string; readonly name?: string } = {},
): JsonObject {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace, resourceVersion: '7' },
    spec: { hosts: ['web'], http: lists.map((route) => ({ route })) },
  };
}

/** A destination; without a weight where none is given. */
export function to(host: string, weight?: number): JsonObject {
  return { destination: { host }, ...(weight === undefined ? {} : { weight }) };
}

/** What the API server makes of the patch. */
export function patched(object: JsonObject, ops: readonly PatchOp[]): JsonObject {
  const copy = structuredClone(object);
  return jsonPatch.applyPatch(copy, structuredClone(ops) as Parameters<typeof jsonPatch.applyPatch>[1], true)
    .newDocument;
}

/** The destinations of the route at `index`, each as `host weight`. */
export function shares(virtualService: JsonObject, index = 0): readonly string[] {
  const spec = virtualService['spec'] as {
    http: { route: { destination: { host: string }; weight?: number }[] }[];
  };
  return (spec.http[index]?.route ?? []).map(
    ({ destination, weight }) => `${destination.host} ${weight ?? '-'}`,
  );
}
