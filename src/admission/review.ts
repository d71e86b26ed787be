import { SerinError } from '../errors.ts';
import type { User } from '../kube/access.ts';
import type { JsonObject } from '../rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../routing/json.ts';
import type { Denied, Verdict } from './verdict.ts';
import { withinLimits } from './warnings.ts';

/** An AdmissionReview of admission.k8s.io/v1, as far as it is read. */
export interface Review {
  readonly uid: string;
  readonly operation: string;
  /** `group/kind` of the object, such as `apps/Deployment`. */
  readonly kind: string;
  /** `group/plural`, the group left out where it is the core one: `apps/deployments`, `pods`. */
  readonly resource: string;
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly username: string;
  readonly user: User;
  readonly dryRun: boolean;
  readonly object: JsonObject | undefined;
  readonly oldObject: JsonObject | undefined;
}

/** Reads the body of a request; throws REVIEW_INVALID where it is no AdmissionReview that can be answered. */
export function parseReview(body: unknown): Review {
  const envelope = objectAt({ body: body as JsonObject }, 'body');
  if (envelope['apiVersion'] !== 'admission.k8s.io/v1' || envelope['kind'] !== 'AdmissionReview') {
    throw invalid('the body is no AdmissionReview of admission.k8s.io/v1');
  }
  const request = objectAt(envelope, 'request');
  const kind = objectAt(request, 'kind');
  const uid = needed(request, 'uid');
  const operation = needed(request, 'operation');
  const userInfo = objectAt(request, 'userInfo');
  const username = needed(userInfo, 'username');
  return {
    uid,
    operation,
    kind: `${textAt(kind, 'group') ?? ''}/${needed(kind, 'kind')}`,
    resource: resourceOf(objectAt(request, 'resource')),
    subResource: textAt(request, 'subResource') ?? '',
    namespace: textAt(request, 'namespace') ?? '',
    name: textAt(request, 'name') ?? '',
    username,
    user: userOf(userInfo, username),
    dryRun: request['dryRun'] === true,
    object: isObject(request['object']) ? request['object'] : undefined,
    oldObject: isObject(request['oldObject']) ? request['oldObject'] : undefined,
  };
}

function resourceOf(resource: JsonObject): string {
  const [group = '', plural = ''] = [textAt(resource, 'group'), textAt(resource, 'resource')];
  return group === '' ? plural : `${group}/${plural}`;
}

function userOf(userInfo: JsonObject, username: string): User {
  const uid = textAt(userInfo, 'uid');
  return {
    username,
    ...(uid === undefined || uid === '' ? {} : { uid }),
    groups: listAt(userInfo, 'groups').filter((group) => typeof group === 'string'),
    extra: objectAt(userInfo, 'extra'),
  };
}

/** A REVIEW_INVALID that says what is wrong with the review. */
export function invalid(what: string): SerinError {
  return new SerinError('REVIEW_INVALID', `cannot answer the admission review: ${what}`);
}

function needed(object: JsonObject, key: string): string {
  const text = textAt(object, key);
  if (text === undefined || text === '') throw invalid(`it has no ${key}`);
  return text;
}

/** The AdmissionReview that answers the one with `uid`. */
export function answer(uid: string, verdict: Verdict): JsonObject {
  const response = verdict.kind === 'allow' ? allowed(verdict) : refused(verdict);
  const audit = verdict.audit === undefined ? {} : { auditAnnotations: { ...verdict.audit } };
  const answered = { uid, ...response, ...audit };
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: answered };
}

function allowed({ patch, warnings }: Extract<Verdict, { kind: 'allow' }>): JsonObject {
  const encoded = Buffer.from(JSON.stringify(patch)).toString('base64');
  return {
    allowed: true,
    ...(patch.length === 0 ? {} : { patchType: 'JSONPatch', patch: encoded }),
    ...(warnings.length === 0 ? {} : { warnings: withinLimits(warnings) }),
  };
}

/** As Kubernetes itself names these; clients branch on them, and kubectl apply tries a Conflict again by itself. */
const reasons: { readonly [code in Denied['code']]: string } = {
  403: 'Forbidden',
  409: 'Conflict',
  422: 'Invalid',
};

function refused({ code, message, warnings = [] }: Denied): JsonObject {
  const status = { code, reason: reasons[code], message };
  return { allowed: false, status, ...(warnings.length === 0 ? {} : { warnings: withinLimits(warnings) }) };
}
