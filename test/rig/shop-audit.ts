// What Serin did, by the API server's own record.
import type { AuditEvent } from './audit.ts';

const serin = 'system:serviceaccount:serin-system:serin';
const reads = new Set(['get', 'list', 'watch']);

const bySerin = (events: readonly AuditEvent[]): AuditEvent[] =>
  events.filter(({ user, objectRef }) => user.username === serin && objectRef !== undefined);

const isWrite = ({ verb }: AuditEvent): boolean => !reads.has(verb);

function resourceOf({ objectRef }: AuditEvent): string {
  const { apiGroup = '', resource = '', subresource } = objectRef ?? {};
  return [apiGroup === '' ? [] : [apiGroup], resource, subresource ?? []].flat().join('/');
}

/** Every verb that Serin wrote with on every resource, sorted. What it reads hangs on what its watches had told it by then. */
export function writtenBySerin(events: readonly AuditEvent[]): readonly string[] {
  const recorded = bySerin(events).filter(isWrite);
  return [...new Set(recorded.map((event) => `${event.verb} ${resourceOf(event)}`))].sort();
}

/** Writes of Serin to what belongs to people or to Kubernetes: pods, and Service `web`. */
export function forbiddenWrites(events: readonly AuditEvent[]): readonly string[] {
  return bySerin(events)
    .filter((event) => isWrite(event) && isForbidden(event))
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

function isForbidden({ objectRef }: AuditEvent): boolean {
  return (
    objectRef?.resource === 'pods' ||
    objectRef?.resource === 'replicasets' ||
    (objectRef?.resource === 'services' && objectRef.name === 'web')
  );
}

/** Every field of Deployment `web` that Serin wrote, with the subresource it wrote it through, sorted. */
export function writtenOnMain(events: readonly AuditEvent[]): readonly string[] {
  const writes = bySerin(events).filter(
    (event) =>
      isWrite(event) && event.objectRef?.resource === 'deployments' && event.objectRef.name === 'web',
  );
  const fields = writes.flatMap((event) => {
    const through = event.objectRef?.subresource;
    return fieldsOf(event.requestObject).map((field) =>
      through === undefined ? field : `${field} (/${through})`,
    );
  });
  return [...new Set(fields)].sort();
}

/** The fields that a patch writes, two names deep (three in annotations). */
function fieldsOf(patch: unknown): readonly string[] {
  if (Array.isArray(patch)) return patch.map((op: { path: string }) => fieldAt(op.path));
  return entries(patch).flatMap(([top, value]) =>
    entries(value).flatMap(([field, inner]) =>
      field === 'annotations' ? entries(inner).map(([key]) => `${top}.${field} ${key}`) : [`${top}.${field}`],
    ),
  );
}

/** The same of a JSON pointer. */
function fieldAt(path: string): string {
  const [, top = '', field = '', key = ''] = path.split('/').map((each) => each.replaceAll('~1', '/'));
  return field === 'annotations' ? `${top}.${field} ${key}` : `${top}.${field}`;
}

function entries(value: unknown): readonly [string, unknown][] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
