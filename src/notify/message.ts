import type { Severity } from '../rollout/alert.ts';
import type { Phase } from '../rollout/types.ts';

/** What a message says has happened. */
export const kinds = [
  'started',
  'progress',
  'promoted',
  'deadline',
  'threshold',
  'failed',
  'rolled-back',
  'paused',
  'resumed',
  'waiting',
  'held',
  'aborted',
  'superseded',
  'notice',
] as const;

export type Kind = (typeof kinds)[number];

/** The kinds that are the last of their rollout. */
const last: ReadonlySet<Kind> = new Set([
  ...(['promoted', 'deadline', 'threshold', 'failed', 'rolled-back', 'aborted', 'superseded'] as const),
]);

/** True for what ends a rollout: nothing is told of it afterwards. */
export function isLast({ kind }: Pick<Message, 'kind'>): boolean {
  return last.has(kind);
}

/** One thing that is known, with its name. */
export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Present where it takes a line of its own. */
  readonly wide?: true;
  /** Present where the plan says it, which is told as the trial begins. */
  readonly planned?: true;
}

export interface ImageChange {
  readonly container: string;
  /** Absent where the container is new. */
  readonly from?: string;
  /** Absent where the container is gone. */
  readonly to?: string;
}

/** A piece of news for people and programs, before it is put as a service wants it. Any text in it may be anybody's. */
export interface Message {
  /** The same where a message comes twice. */
  readonly id: string;
  readonly kind: Kind;
  readonly severity: Severity;
  /** Unix ms. */
  readonly at: number;
  readonly namespace: string;
  readonly name: string;
  readonly cluster?: string;
  readonly title: string;
  /** Why, or what of it; the sentence of the Event. */
  readonly text: string;
  readonly phase: Phase;
  readonly revision: string;
  readonly stableRevision: string;
  readonly actor: string;
  /** Percent that the candidate is to have. */
  readonly weight: number;
  readonly images: readonly ImageChange[];
  /** Of the last check, a sentence each. */
  readonly evidence: readonly string[];
  readonly facts: readonly Fact[];
  /** What somebody would type next. */
  readonly commands: readonly string[];
  readonly link?: string;
}

/** The facts that a message shows: what was planned only where it begins, or where it stands for the whole rollout. */
export function factsIn({ kind, facts }: Message, isWhole = false): readonly Fact[] {
  return isWhole || kind === 'started' ? facts : facts.filter(({ planned }) => planned !== true);
}

/** As the talk has it: `podinfo.test`. */
export function headOf({ name, namespace }: Pick<Message, 'name' | 'namespace'>): string {
  return `${name}.${namespace}`;
}
