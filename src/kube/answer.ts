// The one place that reads what the API server sends: bytes to JSON, a Status to an error, JSON to objects and events.
import { type Code, SerinError } from '../errors.ts';
import type { KubeList, WatchEvent } from './kube.ts';
import type { KubeObject, Resource } from './objects.ts';
import type { Response } from './transport.ts';

/** An answer read to its end. */
export interface Answer {
  readonly status: number;
  readonly headers: Response['headers'];
  readonly text: string;
}

/** What can be made of the answer's text; an error says nothing of the text, which may be a Secret's. */
export function jsonOf(doing: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new SerinError('KUBE_UNREACHABLE', `${doing}: the answer is not JSON`);
  }
}

/** The object of a JSON value that must be one. */
export function objectOf(doing: string, json: unknown): KubeObject {
  if (isObject(json) && isObject(json['metadata'])) {
    const { name, uid, resourceVersion } = json['metadata'];
    if ([name, uid, resourceVersion].every((field) => typeof field === 'string')) return json as KubeObject;
  }
  throw new SerinError('KUBE_UNREACHABLE', `${doing}: the answer is not an object of Kubernetes`);
}

/** A page of a list. Items get the kind that lists leave out, so that an object is the same however it was read. */
export function listOf(doing: string, resource: Resource, json: unknown): KubeList {
  const kind = { apiVersion: apiVersionOf(resource), kind: resource.kind };
  if (
    isObject(json) &&
    isObject(json['metadata']) &&
    typeof json['metadata']['resourceVersion'] === 'string'
  ) {
    const { resourceVersion, continue: next } = json['metadata'];
    // Go writes an empty list of some kinds as null.
    const items: readonly unknown[] = Array.isArray(json['items']) ? json['items'] : [];
    const page = { items: items.map((item) => ({ ...kind, ...objectOf(doing, item) })), resourceVersion };
    return typeof next === 'string' && next !== '' ? { ...page, continue: next } : page;
  }
  throw new SerinError('KUBE_UNREACHABLE', `${doing}: the answer is not a list`);
}

/** One line of a watch; a line that reports an error, or is none, is thrown. */
export function eventOf(doing: string, line: string): WatchEvent {
  const event = jsonOf(doing, line);
  const type = isObject(event) ? event['type'] : undefined;
  const object = isObject(event) ? event['object'] : undefined;
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED')
    return { type, object: objectOf(doing, object) };
  if (type === 'BOOKMARK' && isObject(object) && isObject(object['metadata'])) {
    const { resourceVersion } = object['metadata'];
    if (typeof resourceVersion === 'string') return { type, resourceVersion };
  }
  const status = type === 'ERROR' ? statusOf(object) : undefined;
  if (status !== undefined) throw failureOf(doing, status.code, status, undefined);
  throw new SerinError('KUBE_UNREACHABLE', `${doing}: the stream held something that is no event`);
}

/** The error that an answer other than success stands for: the server's own sentence, and how long it asks us to wait. */
export function failureOfAnswer(doing: string, { status: http, headers, text }: Answer): SerinError {
  return failureOf(doing, http, statusIn(text), Number(headers['retry-after'] ?? Number.NaN));
}

/** True where the API server itself says there is none: a proxy's 404 page must not pass for an empty cluster. */
export function saysNotThere({ status: http, text }: Answer): boolean {
  return http === 404 && statusIn(text) !== undefined;
}

/** What the API server says of a failure. */
interface Status {
  readonly code: number;
  readonly message: string | undefined;
  readonly retryAfterSeconds: number;
}

// A server that asks for hours is a proxy in maintenance; we would sleep long after it is back.
const longestWaitMs = 300_000;

function failureOf(
  doing: string,
  http: number,
  status: Status | undefined,
  retryAfterSeconds = Number.NaN,
): SerinError {
  // What is not a Status is not quoted: it may be anything.
  const reason = status?.message ?? `HTTP ${http}`;
  const seconds = [retryAfterSeconds, status?.retryAfterSeconds ?? 0].find((asked) => asked > 0);
  return new SerinError(codeOf(http, status !== undefined), `${doing}: ${reason}`, {
    retryAfterMs: seconds === undefined ? undefined : Math.min(seconds * 1_000, longestWaitMs),
  });
}

function codeOf(http: number, isFromKubernetes: boolean): Code {
  switch (http) {
    case 401:
    case 403:
      return 'KUBE_FORBIDDEN';
    case 404:
      return isFromKubernetes ? 'KUBE_NOT_FOUND' : 'KUBE_UNREACHABLE';
    case 409:
      return 'KUBE_CONFLICT';
    case 410:
      return 'KUBE_GONE';
    case 429:
      return 'KUBE_BUSY';
    default:
      if (http >= 500) return 'KUBE_BUSY';
      return http >= 400 ? 'KUBE_INVALID' : 'KUBE_UNREACHABLE';
  }
}

function statusIn(text: string): Status | undefined {
  // The API server's words for a path that it does not serve.
  if (text.trim() === '404 page not found')
    return { code: 404, message: 'the kind is not installed', retryAfterSeconds: 0 };
  try {
    return statusOf(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function statusOf(json: unknown): Status | undefined {
  if (!isObject(json) || json['kind'] !== 'Status') return undefined;
  const details = isObject(json['details']) ? json['details'] : {};
  return {
    code: Number(json['code']),
    message: typeof json['message'] === 'string' ? json['message'] : undefined,
    retryAfterSeconds: Number(details['retryAfterSeconds'] ?? 0),
  };
}

function apiVersionOf({ group, version }: Resource): string {
  return group === '' ? version : `${group}/${version}`;
}

function isObject(json: unknown): json is Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json);
}
