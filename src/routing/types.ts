import type { RolloutSpec } from '../rollout/types.ts';

/** Where a VirtualService remembers our edit of it: the weight asked for and what is needed to take the edit out. */
export const splitAnnotation = 'serin.dev/split';

/** A port of a Service, with the names Kubernetes has for its fields. */
export interface ServicePort {
  readonly port: number;
  readonly name?: string;
  readonly protocol?: string;
  readonly appProtocol?: string;
}

/** The two Services whose traffic is split: the user's, and the one that selects the twin, in the same namespace. */
export interface Split {
  readonly service: {
    readonly name: string;
    readonly namespace: string;
    readonly ports: readonly ServicePort[];
  };
  readonly twinService: string;
}

/** The one VirtualService, and the names of the HTTP routes in it, that may be edited; from the user's configuration. */
export type Restriction = NonNullable<RolloutSpec['service']['virtualService']>;

export type Labels = Readonly<Record<string, string>>;

/** Text to lower-case hexadecimal digits, at least eight; the same text gives the same digits for ever. */
export type Hash = (text: string) => string;
