/** How much a message matters; `info` hears of everything. */
export const severities = ['info', 'warn', 'error'] as const;

export type Severity = (typeof severities)[number];

/** Who is to hear of a Deployment's rollouts, by the name of a receiver; as in Flagger's analysis.alerts. */
export interface Alert {
  readonly receiver: string;
  /** The namespace whose receiver is meant; absent: its own, else Serin's. */
  readonly namespace?: string;
  /** The least it hears of. */
  readonly severity: Severity;
}
