// What a simulation is made of, and what is asked of it.
import type { SimApi, Wire } from './api/types.ts';
import type { SimGates } from './gates.ts';
import type { Behaviour, SimMesh } from './mesh/types.ts';
import type { Life, SimTime } from './time.ts';

/** A process of Serin that runs or ran. */
export interface SerinProcess {
  readonly kind: 'webhook' | 'controller';
  /** Its identity: the name of its pod, and the `manager` of its calls (invariants tell one leader from another by it). */
  readonly name: string;
  readonly life: Life;
  readonly wire: Wire;
}

/** Something a person or their tools asked of the API server about a Deployment. */
export interface Ask {
  readonly at: number;
  /** `namespace/name`. */
  readonly deployment: string;
  readonly by: string;
  readonly what: string;
  /** The image asked for, where the template was concerned. */
  readonly image?: string;
  /** How the API server answered. */
  readonly status: number;
  readonly message: string;
}

/** A trouble that was brought about, and when it was over. */
export interface Trouble {
  readonly what: string;
  readonly from: number;
  readonly until: number;
  /** True where requests or pods may be lost through it though Serin does all it can (a node that dies). */
  readonly costsRequests: boolean;
}

export interface World {
  readonly time: SimTime;
  readonly api: SimApi;
  readonly mesh: SimMesh;
  /** Calls that came to the gates of users. */
  readonly gates: Pick<SimGates, 'calls'>;
  /** The user that Serin's writes come from. */
  readonly serin: string;
  readonly processes: readonly SerinProcess[];
  readonly asks: readonly Ask[];
  readonly troubles: readonly Trouble[];
  behaviourOf(image: string): Behaviour;
  /** The wall that settleMs of this run's Serin is: proxies must know a change within it, unless a trouble says otherwise. */
  readonly settleMs: number;
}

/** Where an invariant says what it saw. */
export interface Report {
  /** It looked, and could have found something. */
  checked(): void;
  /** It found something, in a sentence with names and numbers. */
  broken(what: string): void;
}

/** Something that must hold whatever happens. It follows the world through its listeners. */
export interface Invariant {
  readonly id: `I${number}`;
  readonly says: string;
  /** Called once, before anything happens; what it answers is called when all is over and has come to rest. */
  watch(world: World, report: Report): () => void;
}
