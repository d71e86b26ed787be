// The ways in which kube-apiserver says no, each in its own words (apimachinery/pkg/api/errors).
import type { Resource } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { textAt } from '../../../src/routing/json.ts';
import { frozen } from './frozen.ts';
import type { Answer } from './types.ts';

/** Thrown where a call ends without success; `answer` is what the caller gets. */
export class Refusal extends Error {
  readonly answer: Answer;

  constructor(answer: Answer) {
    super(textAt(answer.body, 'message') ?? '');
    this.answer = answer;
  }
}

/** A Status of failure. */
export function failure(
  code: number,
  reason: string | undefined,
  message: string,
  details?: JsonObject,
): Answer {
  const body: JsonObject = {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Failure',
    message,
    ...(reason === undefined ? {} : { reason }),
    ...(details === undefined ? {} : { details }),
    code,
  };
  return { status: code, body: frozen(body), warnings: [] };
}

/** What a path that is not served is answered with: on the wire it is the bare text, no Status. */
export const notServed: Answer = failure(404, 'NotFound', '404 page not found');

/** `deployments.apps`, `pods`. */
function qualified({ plural, group }: Resource): string {
  return group === '' ? plural : `${plural}.${group}`;
}

function refused(
  { plural, group }: Resource,
  name: string,
  [code, reason]: readonly [number, string],
  message: string,
  more: JsonObject = {},
): Refusal {
  const details = { name, ...(group === '' ? {} : { group }), kind: plural, ...more };
  return new Refusal(failure(code, reason, message, details));
}

export function notFound(resource: Resource, name: string): Refusal {
  return refused(resource, name, [404, 'NotFound'], `${qualified(resource)} "${name}" not found`);
}

export function alreadyExists(resource: Resource, name: string): Refusal {
  return refused(resource, name, [409, 'AlreadyExists'], `${qualified(resource)} "${name}" already exists`);
}

/** `what` also tells the subresource, as in `deployments.apps/scale`. */
export function conflict(resource: Resource, name: string, why: string, more?: JsonObject): Refusal {
  const message = `Operation cannot be fulfilled on ${qualified(resource)} "${name}": ${why}`;
  return refused(resource, name, [409, 'Conflict'], message, more);
}

export const modified =
  'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(resource: Resource, name: string, why: string, more?: JsonObject): Refusal {
  const message = `${qualified(resource)} "${name}" is forbidden: ${why}`;
  return refused(resource, name, [403, 'Forbidden'], message, more);
}

/** What is wrong with one field. */
export interface Flaw {
  readonly field: string;
  readonly reason: 'FieldValueInvalid' | 'FieldValueRequired' | 'FieldValueTooLong' | 'FieldValueForbidden';
  /** Without the field. */
  readonly message: string;
}

export function invalid(
  { kind, group }: Pick<Resource, 'kind' | 'group'>,
  name: string,
  flaws: readonly Flaw[],
): Refusal {
  // Said once, though some are found twice.
  const said = [...new Set(flaws.map(({ field, message }) => `${field}: ${message}`))];
  const all = said.length === 1 ? (said[0] ?? '') : `[${said.join(', ')}]`;
  const message = `${group === '' ? kind : `${kind}.${group}`} "${name}" is invalid: ${all}`;
  const causes = flaws.map(({ reason, message: text, field }) => ({ reason, message: text, field }));
  const details = { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind, causes };
  return new Refusal(failure(422, 'Invalid', message, details));
}

/** A patch that does not fit the object. Callers are not told why (NewGenericServerResponse with 422). */
export class Unfitting extends Refusal {
  readonly why: string;

  constructor(why = '') {
    const message = 'the server rejected our request due to an error in our request';
    super(failure(422, 'Invalid', message, {}));
    this.why = why;
  }
}

export function badRequest(message: string): Refusal {
  return new Refusal(failure(400, 'BadRequest', message));
}

export function internalError(why: string): Refusal {
  const details: Json = { causes: [{ message: why }] };
  return new Refusal(failure(500, 'InternalError', `Internal error occurred: ${why}`, details));
}

export function notAllowed(verb: string): Refusal {
  return new Refusal(
    failure(
      405,
      'MethodNotAllowed',
      `the server does not allow this method on the requested resource (${verb})`,
    ),
  );
}

/** A version whose history is forgotten. */
export function expired(message: string): Refusal {
  return new Refusal(failure(410, 'Expired', message));
}
