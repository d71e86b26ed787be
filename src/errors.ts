/** Every code an error of Serin can carry; a caller branches on these, never on a message. */
export type Code =
  | 'CONFIG_INVALID' // a flag, an environment variable or a kubeconfig of the process itself
  | 'REVIEW_INVALID' // an AdmissionReview that is none
  | 'KUBE_CONFLICT' // 409: somebody wrote first; read again
  | 'KUBE_NOT_FOUND' // 404 on a write
  | 'KUBE_GONE' // 410: the resourceVersion is too old; list again
  | 'KUBE_FORBIDDEN' // 401, 403
  | 'KUBE_INVALID' // 400, 422
  | 'KUBE_BUSY' // 429, 5xx
  | 'KUBE_UNREACHABLE' // no answer: the outcome of a write is not known
  | 'METRICS_UNREACHABLE' // the metric source did not answer
  | 'METRICS_REFUSED' // the metric source answered with an error
  | 'TLS_INVALID'; // a certificate or key that cannot be served

/**
 * An unexpected failure. `message` says what was being done, on what, and why it failed; it never holds a secret.
 * Expected outcomes are values, not errors.
 */
export class SerinError extends Error {
  override readonly name = 'SerinError';
  readonly code: Code;
  /** How long the other side asked us to wait, where it did. */
  readonly retryAfterMs: number | undefined;

  constructor(code: Code, message: string, options?: { cause?: unknown; retryAfterMs?: number | undefined }) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** True when `error` is a SerinError with that code. */
export function hasCode(error: unknown, code: Code): boolean {
  return error instanceof SerinError && error.code === code;
}

/** The message of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
