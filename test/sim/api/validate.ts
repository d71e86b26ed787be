// The validation that matters here (pkg/apis/*/validation), with the texts people would read.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, numberAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { isSame } from './frozen.ts';
import { kindKey } from './kinds.ts';
import { type Flaw, invalid } from './refusal.ts';
import { meetsSelector } from './selectors.ts';
import type { Call } from './types.ts';

const mostAnnotationBytes = 256 * 1024;

/** Refuses (422) what cannot be created so. */
export function checkCreated(resource: Resource, object: JsonObject): void {
  const metadata = objectAt(object, 'metadata');
  const name = textAt(metadata, 'name') ?? '';
  refuse(resource, name, [...nameFlaws(name), ...metadataFlaws(metadata), ...flawsOf(resource, object)]);
}

/** Refuses (422) what a stored object cannot become; `asked` is the same before anything was put back. */
export function checkUpdated(
  { resource, subresource }: Call,
  before: KubeObject,
  after: JsonObject,
  asked: JsonObject,
): void {
  const { name, uid } = before.metadata;
  const flaws: Flaw[] = [];
  const given = objectAt(asked, 'metadata');
  const askedUid = textAt(given, 'uid') ?? uid;
  // Found by the check of all metadata and by that of each kind.
  if (askedUid !== uid) flaws.push(immutable('metadata.uid', askedUid), immutable('metadata.uid', askedUid));
  flaws.push(...finalizerFlaws(before.metadata, given));
  if (after !== before) {
    if (after['metadata'] !== before.metadata) flaws.push(...metadataFlaws(objectAt(after, 'metadata')));
    if (subresource !== 'status' && after['spec'] !== before['spec'])
      flaws.push(...flawsOf(resource, after), ...changeFlaws(resource, before, after));
  }
  refuse(resource, name, flaws);
}

function refuse(resource: Resource, name: string, flaws: readonly Flaw[]): void {
  if (flaws.length > 0) throw invalid(resource, name, flaws);
}

function nameFlaws(name: string): Flaw[] {
  if (name === '')
    return [
      {
        field: 'metadata.name',
        reason: 'FieldValueRequired',
        message: 'Required value: name or generateName is required',
      },
    ];
  const isName =
    name.length <= 253 && /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name);
  if (isName) return [];
  const rule =
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  return [wrong('metadata.name', `"${name}"`, rule)];
}

function metadataFlaws(metadata: JsonObject): Flaw[] {
  const annotations = Object.entries(objectAt(metadata, 'annotations') as Record<string, string>);
  const size = annotations.reduce(
    (sum, [key, value]) => sum + Buffer.byteLength(key) + Buffer.byteLength(value),
    0,
  );
  if (size <= mostAnnotationBytes) return [];
  const message = `Too long: may not be more than ${mostAnnotationBytes} bytes`;
  return [{ field: 'metadata.annotations', reason: 'FieldValueTooLong', message }];
}

function finalizerFlaws(before: JsonObject, asked: JsonObject): Flaw[] {
  if (before['deletionTimestamp'] === undefined) return [];
  const added = listAt(asked, 'finalizers').filter((each) => !listAt(before, 'finalizers').includes(each));
  if (added.length === 0) return [];
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${added.map((each) => JSON.stringify(each)).join(', ')}}`;
  const flaw: Flaw = { field: 'metadata.finalizers', reason: 'FieldValueForbidden', message };
  return [flaw, flaw];
}

function flawsOf(resource: Resource, object: JsonObject): Flaw[] {
  const key = kindKey(resource);
  if (key === 'deployments.apps' || key === 'replicasets.apps')
    return workloadFlaws(objectAt(object, 'spec'));
  if (key === 'services.') return serviceFlaws(objectAt(object, 'spec'));
  return [];
}

function workloadFlaws(spec: JsonObject): Flaw[] {
  const selector = objectAt(spec, 'selector');
  const replicas = numberAt(spec, 'replicas') ?? 0;
  const labels = objectAt(objectAt(objectAt(spec, 'template'), 'metadata'), 'labels');
  const flaws: Flaw[] = [];
  if (replicas < 0)
    flaws.push(wrong('spec.replicas', String(replicas), 'must be greater than or equal to 0'));
  if (!isObject(spec['selector'])) {
    flaws.push({ field: 'spec.selector', reason: 'FieldValueRequired', message: 'Required value' });
  }
  const isMatched = isObject(spec['selector']) && meetsSelector(selector, labels as Record<string, string>);
  if (!isMatched) {
    const shown = JSON.stringify(labels);
    flaws.push(wrong('spec.template.metadata.labels', shown, '`selector` does not match template `labels`'));
  }
  if (listAt(objectAt(objectAt(spec, 'template'), 'spec'), 'containers').length === 0)
    flaws.push({
      field: 'spec.template.spec.containers',
      reason: 'FieldValueRequired',
      message: 'Required value',
    });
  return flaws;
}

function serviceFlaws(spec: JsonObject): Flaw[] {
  const isHeadless = spec['clusterIP'] === 'None' || spec['type'] === 'ExternalName';
  if (isHeadless || listAt(spec, 'ports').length > 0) return [];
  return [{ field: 'spec.ports', reason: 'FieldValueRequired', message: 'Required value' }];
}

function changeFlaws(resource: Resource, before: KubeObject, after: JsonObject): Flaw[] {
  const [old, fresh] = [objectAt(before, 'spec'), objectAt(after, 'spec')];
  switch (kindKey(resource)) {
    case 'deployments.apps':
    case 'replicasets.apps':
      if (isSame(old['selector'], fresh['selector'])) return [];
      return [immutable('spec.selector', JSON.stringify(fresh['selector'] ?? null))];
    case 'services.':
      if (old['clusterIP'] === undefined || old['clusterIP'] === fresh['clusterIP']) return [];
      return [
        wrong('spec.clusterIPs[0]', JSON.stringify([fresh['clusterIP'] ?? '']), 'may not change once set'),
      ];
    default:
      return [];
  }
}

function immutable(field: string, shown: string): Flaw {
  return wrong(field, field === 'metadata.uid' ? `"${shown}"` : shown, 'field is immutable');
}

function wrong(field: string, shown: string, why: string): Flaw {
  return { field, reason: 'FieldValueInvalid', message: `Invalid value: ${shown}: ${why}` };
}
