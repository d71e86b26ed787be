/**
 * Gates and hooks: HTTP endpoints of the user's own that let a rollout go on, end it, or are told of it. Types and meanings
 * as in Flagger's analysis.webhooks.
 */
export const gateTypes = [
  'confirm-rollout',
  'pre-rollout',
  'rollout',
  'confirm-traffic-increase',
  'confirm-promotion',
  'rollback',
  'post-rollout',
  'event',
] as const;

export type GateType = (typeof gateTypes)[number];

export interface Gate {
  readonly name: string;
  readonly type: GateType;
  /** http or https. */
  readonly url: string;
  readonly timeoutMs: number;
  /** How often a call that got no answer, or a 5xx, is made again. */
  readonly retries: number;
  readonly muteAlert: boolean;
  /** True where the server's certificate is not checked. */
  readonly disableTls: boolean;
  readonly metadata: { readonly [key: string]: string };
  /** The Secret of the Deployment's namespace whose key `hmac-key` signs each call. */
  readonly secret?: string;
}

/** The types that are asked before something is done; `post-rollout` and `event` are only told. */
export type AskedType = Exclude<GateType, 'post-rollout' | 'event'>;

/** What a gate said: `open` is a status of at most 202, `closed` any other answer, `error` that there was none. */
export interface GateAnswer {
  readonly name: string;
  readonly type: AskedType;
  readonly says: 'open' | 'closed' | 'error';
  /** What came back, cut to a sentence's length; no secret is in it. */
  readonly why: string;
}
