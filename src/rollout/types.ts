// What a rollout is asked to be; how it stands is in state.ts, and what is seen of it in observation.ts.
import type { ComparisonSpec } from '../analysis/comparison.ts';
import type { Alert } from './alert.ts';
import type { Gate } from './gate.ts';
import type { MetricProvider } from './provider.ts';
import type { Affinity, Strategy } from './strategy.ts';

export type * from './observation.ts';
export type * from './state.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = { readonly [key: string]: Json };

/** One operation of RFC 6902. */
export type PatchOp =
  | { readonly op: 'add' | 'replace' | 'test'; readonly path: string; readonly value: Json }
  | { readonly op: 'remove'; readonly path: string };

/** What one check of the plan measures and the range it must stay in; names as in Flagger. */
export interface MetricSpec {
  /** `request-success-rate` (percent) and `request-duration` (P99 in ms) are built in; others bring a query. */
  readonly name: string;
  /** The window the metric is taken over. */
  readonly intervalMs: number;
  readonly min?: number;
  readonly max?: number;
  /** What is asked, in the language of the source; what stands in double braces is filled in. */
  readonly query?: string;
  /** Who is asked; Serin's own Prometheus where nothing is said. */
  readonly provider?: MetricProvider;
  /** The MetricTemplate of Flagger's that says query and provider in place of the plan. */
  readonly template?: { readonly name: string; readonly namespace?: string };
  /** What `{{ variables.x }}` stands for. */
  readonly variables?: { readonly [name: string]: string };
}

/** What a rollout goes by: what its owner asked for, and what the mesh needs. */
export interface Plan {
  readonly spec: RolloutSpec;
  /** How long after a change of routes or endpoints every proxy is taken to know it, and old requests to have ended. */
  readonly settleMs: number;
  /** How often both arms are counted at least; absent: as often as the interval asks for. */
  readonly lookMs?: number;
  /** Why nobody wants a canary here any more; absent while somebody does. */
  readonly withdrawn?: string;
}

/** How a Deployment is to be released, with every default filled in. */
export interface RolloutSpec {
  readonly service: {
    readonly name?: string;
    readonly port?: number;
    readonly hosts?: readonly string[];
    readonly gateways?: readonly string[];
    /** The parents (as in Gateway API) of the HTTPRoute that is made where none routes to the Service. */
    readonly gatewayRefs?: readonly JsonObject[];
    readonly virtualService?: { readonly name: string; readonly routes?: readonly string[] };
  };
  readonly analysis: {
    readonly intervalMs: number;
    /** Failed checks that roll back. */
    readonly threshold: number;
    readonly strategy: Strategy;
    readonly affinity?: Affinity;
    readonly metrics: readonly MetricSpec[];
    readonly gates: readonly Gate[];
    /** How canary and stable are compared; absent where they are not. */
    readonly compare?: ComparisonSpec;
    /** Who is to hear of it; absent: whoever the namespace says. */
    readonly alerts?: readonly Alert[];
  };
  /** True where the candidate is promoted without checks. */
  readonly skipAnalysis: boolean;
  /** True where nothing begins, and what is on trial gets no more than it has. */
  readonly suspended: boolean;
  /** `shift`: the twin takes all traffic while main rolls; `inPlace`: main itself rolls, in steps. */
  readonly promotion: 'shift' | 'inPlace';
  /** What splits the traffic, where the plan says it; absent: what there is. `none`: nothing is to be split. */
  readonly router?: 'istio' | 'gateway' | 'none';
  /** The autoscaler of which the twin gets a copy; absent: its replicas follow the traffic. */
  readonly scaler?: TwinScaler;
  readonly progressDeadlineMs: number;
  /** What becomes of a failed candidate: stays held in the Deployment, or is replaced by the stable template. */
  readonly onFailure: 'hold' | 'restore';
  /** False where a change of a ConfigMap or Secret that the pods read is no release; absent where it is one. */
  readonly configTracking?: false;
}

/** A scaler of main that the twin gets a copy of, with bounds of its own where they are said. */
export interface TwinScaler {
  readonly kind: 'HorizontalPodAutoscaler' | 'ScaledObject';
  readonly name: string;
  readonly minReplicas?: number;
  readonly maxReplicas?: number;
}
