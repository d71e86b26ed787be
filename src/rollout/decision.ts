import type { Beside } from './strategy.ts';
import type { Ledger, State } from './types.ts';

type EventReason =
  | 'CanaryStarted'
  | 'CanaryAdvanced'
  | 'CanaryHeld'
  | 'CanaryPromoting'
  | 'CanarySucceeded'
  | 'CanaryFailed'
  | 'CanaryAborted'
  | 'CanaryPaused'
  | 'CanaryResumed'
  | 'CommandIgnored';

/** What is to be done, in this order. Each is idempotent: the next observation asks again for what is not there yet. */
export type Action =
  /** Write the state of the decision into the annotation; the Deployment is unchanged otherwise. */
  | { readonly do: 'record' }
  /** Write the state and put the hold (back) on, in one write. */
  | { readonly do: 'hold' }
  /** Write the state and take the hold off, in one write. */
  | { readonly do: 'unhold' }
  /** Write the state, put the stable template back and take the hold off, in one write. */
  | { readonly do: 'restore' }
  /** Make the twin (and the Service that selects it) run the candidate. */
  | { readonly do: 'twin'; readonly replicas: number }
  | { readonly do: 'scale-main'; readonly replicas: number }
  /** Give the twin that weight, and beside it exactly `beside`. */
  | { readonly do: 'route'; readonly weight: number; readonly beside?: Beside; readonly rolledBack?: string }
  /** Take every edit of ours out of the routes. */
  | { readonly do: 'unroute' }
  /** Delete the twin and its Service; only after `unroute`. */
  | { readonly do: 'remove-twin' }
  | { readonly do: 'ledger'; readonly ledger: Ledger }
  /** Take a command off that nothing can come of, and say why. */
  | { readonly do: 'ignore-command'; readonly why: string }
  /** Make the template of an earlier revision the candidate; absent: of the one that ran before. */
  | { readonly do: 'go-back'; readonly to?: string }
  /** Patch the Progressing condition. */
  | {
      readonly do: 'condition';
      readonly status: 'False' | 'Unknown';
      readonly reason: string;
      readonly message: string;
    }
  | {
      readonly do: 'event';
      readonly type: 'Normal' | 'Warning';
      readonly reason: EventReason;
      readonly message: string;
      /** True where what the comparison may be expected to notice is told with it. */
      readonly foretells?: true;
    };

export interface Decision {
  readonly state: State;
  readonly actions: readonly Action[];
  /** Unix ms at which to look again although nothing was seen to change. */
  readonly wakeAt?: number;
}
