// A history as data: the shop, who does what to it and when, and what goes wrong. It can be written down, cut and replayed.
import type { Verb } from '../../src/rollout/command.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import type { Mood } from './gates.ts';
import type { SimMesh } from './mesh/types.ts';

/** The shop before anything happens. */
export interface Shop {
  readonly replicas: number;
  /**
   * What routes to its Service: nothing (a VirtualService is generated), a VirtualService with one route, with two, with two
   * and much around them, with subsets and conditions, with tls and tcp beside http, or with a part that is delegated to
   * another; or an HTTPRoute or GRPCRoute of Gateway API, for the Service itself.
   */
  readonly routes:
    | 'none'
    | 'one'
    | 'two'
    | 'rich'
    | 'subsets'
    | 'layers'
    | 'delegate'
    | 'http-route'
    | 'grpc-route';
  /** A second Service in front of the same pods, with a VirtualService of its own. */
  readonly secondService?: boolean;
  /** Deployments that are promoted together (`serin.dev/group`), this one among them. */
  readonly group?: 2 | 3;
  /** Policies that select the pods of the Deployment: a NetworkPolicy and a budget. */
  readonly guarded?: boolean;
  /** Those of the mesh: an AuthorizationPolicy, a PeerAuthentication and a RequestAuthentication. */
  readonly authorized?: boolean;
  /** Somebody in another namespace sends to the shop's Service, by a VirtualService of theirs. */
  readonly borrowed?: boolean;
  /** Its pods read a ConfigMap and a Secret. */
  readonly config?: boolean;
  /** Of 1: requests that meet the condition of an A/B plan, and of users that have the cookie of a trial. */
  readonly special?: number;
  readonly planIn: 'annotation' | 'config-map';
  readonly plan: PlanText;
  readonly scaler: boolean;
  /** Requests per second. */
  readonly load: number;
  /** Streams that clients keep open, and for how long each. */
  readonly streams: { readonly count: number; readonly seconds: number };
  /** How long a pod takes to become ready. */
  readonly readyMs: number;
  /** Replicas of each process of Serin. */
  readonly webhooks: number;
  readonly controllers: number;
  readonly settleMs: number;
  /** The policies for newer servers (manifests/policies) are installed too. */
  readonly policies: boolean;
}

/** The plan of a release, as its owner writes it. */
export interface PlanText {
  readonly analysis: {
    readonly interval: string;
    readonly threshold: number;
    /** Or iterations. */
    readonly stepWeights?: readonly number[];
    readonly stepWeightPromotion?: number;
    readonly iterations?: number;
    readonly match?: readonly JsonObject[];
    readonly mirror?: boolean;
    readonly mirrorWeight?: number;
    readonly sessionAffinity?: { readonly cookieName: string };
    /** Absent: the two that are built in. */
    readonly metrics?: readonly JsonObject[];
    readonly webhooks?: readonly { readonly name: string; readonly type: string; readonly url: string }[];
  };
  readonly provider?: 'kubernetes';
  readonly promotion?: 'inPlace';
  readonly autoscalerRef?: { readonly kind: string; readonly name: string };
  /** The twin gets a copy of that scaler. */
  readonly twinScaler?: boolean;
  readonly skipAnalysis?: boolean;
  readonly suspend?: boolean;
  readonly progressDeadlineSeconds: number;
  readonly onFailure: 'hold' | 'restore';
}

/** How a client writes the template: each of these is what some tool does. */
export type Way = 'strategic' | 'merge' | 'json' | 'replace' | 'server-side';

/** The kinds of policies that people have here. */
export type PolicyKind =
  | 'NetworkPolicy'
  | 'PodDisruptionBudget'
  | 'AuthorizationPolicy'
  | 'PeerAuthentication'
  | 'RequestAuthentication';

/** What people and tools do. */
export type Act =
  | {
      readonly do: 'release';
      readonly image: string;
      readonly way: Way;
      readonly dryRun?: boolean;
      /** What the others of the group are to run, a moment later; absent: they are left as they are. */
      readonly others?: string;
    }
  /** A Deployment of the same name in a namespace that has no canaries. */
  | { readonly do: 'release-next-door'; readonly image: string }
  | { readonly do: 'scale'; readonly replicas: number; readonly through: 'scale' | 'spec' }
  | { readonly do: 'undo' | 'restart' | 'pause' | 'resume'; readonly careless: boolean }
  | {
      readonly do: 'delete';
      readonly propagation: 'Background' | 'Foreground' | 'Orphan';
      /** Created again with that image after so long; not at all where absent. */
      readonly again?: { readonly afterMs: number; readonly image: string };
    }
  /** Git says so from now on; a sync brings it to the cluster. */
  | { readonly do: 'commit'; readonly image: string }
  | { readonly do: 'sync'; readonly way: 'server-side' | 'strategic' }
  | { readonly do: 'edit-route'; readonly edit: 'timeout' | 'add-route' | 'header' }
  | {
      readonly do: 'remove';
      readonly what: 'virtual-service' | 'service' | 'twin' | 'twin-service';
      /** Put back as in git after so long; what Serin made is for Serin to make again. */
      readonly againAfterMs?: number;
    }
  /** The content of what pods read, by a number (1 is what stood there first); or a label of it, which nobody reads. */
  | { readonly do: 'config'; readonly of: 'ConfigMap' | 'Secret'; readonly content: number | 'label' }
  /** A policy for the pods comes, becomes another, or goes. */
  | { readonly do: 'policy'; readonly kind: PolicyKind; readonly change: 'add' | 'edit' | 'delete' }
  | { readonly do: 'plan'; readonly plan: PlanText | 'disabled' }
  /** `serin.dev/command`. */
  | { readonly do: 'command'; readonly verb: Verb }
  /** The owner of a gate has it behave so from now on. */
  | { readonly do: 'gate'; readonly gate: string; readonly mood: Mood }
  /** The plan is suspended, or is no longer. */
  | { readonly do: 'suspend'; readonly on: boolean }
  /** No more pods than there are now may be made in the namespace, for so long. */
  | { readonly do: 'quota'; readonly forMs: number }
  /** `serin uninstall`: every rollout ends at stable; what holds releases stays. */
  | { readonly do: 'uninstall' }
  | { readonly do: 'delete-namespace' }
  | { readonly do: 'label'; readonly on: boolean }
  | { readonly do: 'load'; readonly perSecond: number }
  | { readonly do: 'kill-pod' | 'evict'; readonly of: 'web' | 'web-canary'; readonly nth: number }
  | { readonly do: 'drain'; readonly node: number }
  | { readonly do: 'roll-certificates'; readonly how: 'delete' | 'expire' };

/** Which process of Serin: `webhook-0`, `controller-1`. */
export type Slot = `${'webhook' | 'controller'}-${number}`;

/** What goes wrong, and for how long. */
export type Trouble =
  | { readonly do: 'kill'; readonly slot: Slot; readonly backAfterMs: number; readonly newPod: boolean }
  | { readonly do: 'stop'; readonly slot: Slot; readonly backAfterMs: number }
  | { readonly do: 'freeze'; readonly slot: Slot; readonly forMs: number }
  | { readonly do: 'skew'; readonly slot: Slot; readonly ms: number }
  | { readonly do: 'latency' | 'lag'; readonly slot: Slot; readonly ms: number; readonly forMs: number }
  | { readonly do: 'break-watches'; readonly slot: Slot; readonly how: 'reset' | 'stall' }
  | { readonly do: 'cut'; readonly slot: Slot; readonly forMs: number }
  | { readonly do: 'compact' | 'restart-prometheus' }
  | {
      readonly do: 'outage';
      readonly status: 429 | 500 | 503;
      readonly retryAfterSeconds?: number;
      readonly forMs: number;
    }
  | {
      readonly do: 'flaky';
      readonly slot: Slot;
      readonly share: number;
      readonly kinds: readonly Flaw[];
      readonly forMs: number;
    }
  | { readonly do: 'ailment'; readonly ailment: SimMesh['ailment']; readonly forMs: number }
  | { readonly do: 'propagation'; readonly leastMs: number; readonly mostMs: number; readonly forMs: number }
  | { readonly do: 'slow-pods'; readonly byMs: number; readonly forMs: number }
  | { readonly do: 'slow-webhook'; readonly slot: Slot; readonly byMs: number; readonly forMs: number }
  | { readonly do: 'lose-node'; readonly node: number };

/** What may become of one call over a flaky wire. */
export type Flaw = '409' | '429' | '500' | 'lost' | 'hang' | 'delay' | 'crash-before' | 'crash-after';

export type Event = { readonly at: number } & (Act | Trouble);

export interface History {
  /** Of everything that the data leaves open: latencies, jitter, names. */
  readonly seed: number;
  readonly shop: Shop;
  /** In order of time; `at` is in ms since the shop was up. */
  readonly events: readonly Event[];
}

/** A history as it was written down; throws where it is none. */
export function parseHistory(text: string): History {
  const json: unknown = JSON.parse(text);
  if (typeof json !== 'object' || json === null) throw new Error('a history is a JSON object');
  if (!('seed' in json) || typeof json.seed !== 'number') throw new Error('a history has a seed');
  if (!('shop' in json) || !('events' in json) || !Array.isArray(json.events))
    throw new Error('a history has a shop and events');
  return json as History;
}
