import { Counter, type Registry } from 'prom-client';
import { named } from './named.ts';

/** Counts events of a few kinds. Each kind is published from the start, at 0, so that its first event is an increase. */
export interface Count<Kind extends string> {
  inc(kind: Kind): void;
}

/** What a counter is called, what it says, the label that tells the kinds apart, and the kinds. */
export interface Kinds<Kind extends string> {
  readonly name: string;
  readonly help: string;
  readonly label: string;
  readonly kinds: readonly Kind[];
}

/** A counter of those kinds. */
export function countOf<Kind extends string>(
  registry: Registry,
  { name, help, label, kinds }: Kinds<Kind>,
): Count<Kind> {
  const counter = new Counter({ ...named(registry, name, help), labelNames: [label] });
  for (const kind of kinds) counter.inc({ [label]: kind }, 0);
  return { inc: (kind) => counter.inc({ [label]: kind }) };
}
