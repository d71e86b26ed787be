import { names } from '../kube/objects.ts';
import type { HistoryEntry, Identity, In, Json, Ledger, Outcome, State, Tick } from '../rollout/types.ts';
import { readComparison } from './comparison.ts';
import { Field, type Findings, mistakeText } from './field.ts';
import { parseJson } from './json.ts';

type Annotations = { readonly [key: string]: Json } | undefined;

/** An annotation that is there and cannot be read, with the reason; what it meant is never guessed. */
export interface Corrupt {
  readonly corrupt: string;
}

/** The state of `serin.dev/state`; undefined where there is none. */
export function readState(annotations: Annotations): State | undefined | Corrupt {
  return read(annotations, names.state, stateOf);
}

/** The text that readState reads back as the same state. */
export function writeState(state: State): string {
  return JSON.stringify(state);
}

/** The entries of `serin.dev/history`, in the order they were written. */
export function readHistory(annotations: Annotations): readonly HistoryEntry[] | undefined | Corrupt {
  return read(annotations, names.history, (root) => (root.items() ?? []).map(entryOf));
}

/** The ledger of `serin.dev/analysis` on a twin. */
export function readLedger(annotations: Annotations): Ledger | undefined | Corrupt {
  return read(annotations, names.analysis, ledgerOf);
}

/** What manifests/policies/hold.yaml notes of a change that it holds. */
export interface Asked {
  /** The authenticated user who asked for the candidate. */
  readonly actor: string;
  /** Whether the Deployment had been paused before. */
  readonly paused: boolean;
  /** Of the ReplicaSet that its pods were of (`deployment.kubernetes.io/revision`); empty where that is not known. */
  readonly revision: string;
}

/** The note of `serin.dev/asked`. */
export function readAsked(annotations: Annotations): Asked | undefined | Corrupt {
  return read(annotations, names.asked, (root) => ({
    actor: text(root.at('actor')),
    paused: root.at('paused').flag() ?? needed(root.at('paused'), false),
    revision: message(root.at('revision')),
  }));
}

function read<T>(annotations: Annotations, name: string, parse: (root: Field) => T): T | undefined | Corrupt {
  const text = annotations?.[name];
  if (text === undefined) return undefined;
  const json = typeof text === 'string' ? parseJson(text) : undefined;
  if (json === undefined || json === null) return { corrupt: `${name} is not JSON` };
  const findings: Findings = { mistakes: [], notes: [] };
  const value = parse(new Field('', json, findings));
  const [wrong] = findings.mistakes;
  if (wrong === undefined) return value;
  return { corrupt: `${wrong.path === '' ? '' : `${name}: `}${mistakeText(wrong, name)}` };
}

const phases = [
  'Pending',
  'Starting',
  'Progressing',
  'Waiting',
  'Promoting.Shift',
  'Promoting.Roll',
  'Promoting.Return',
  'Finalising',
  'RollingBack',
  'Succeeded',
  'Failed',
  'Aborted',
] as const satisfies readonly State['phase'][];

function stateOf(root: Field): State {
  if (!root.isMap) root.expected('a map');
  const phase = root.at('phase').choice(phases) ?? needed(root.at('phase'), 'Pending');
  const identity = identityOf(root);
  switch (phase) {
    case 'Pending':
      return { ...identity, phase };
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
    case 'Promoting.Shift':
      return { ...identity, phase, ...runningOf(root) };
    case 'Promoting.Roll':
    case 'Promoting.Return':
    case 'Finalising':
      return {
        ...identity,
        phase,
        ...runningOf(root),
        ending: choice(root.at('ending'), ['Succeeded', 'Aborted']),
      };
    case 'RollingBack':
      return { ...identity, phase, ...rollingBackOf(root) };
    case 'Succeeded':
    case 'Failed':
    case 'Aborted':
      return { ...identity, phase, ...endOf(root) };
  }
}

function identityOf(root: Field): Identity {
  return {
    v: format(root),
    revision: text(root.at('revision')),
    stableRevision: text(root.at('stableRevision')),
    actor: text(root.at('actor')),
    ownPause: root.at('ownPause').flag() ?? needed(root.at('ownPause'), false),
  };
}

type Running = Omit<In<'Starting'>, keyof Identity | 'phase'>;

function runningOf(root: Field): Running {
  return {
    startedAt: count(root.at('startedAt')),
    since: count(root.at('since')),
    needed: count(root.at('needed')),
    weight: weight(root.at('weight')),
    message: message(root.at('message')),
  };
}

type RollingBack = Omit<In<'RollingBack'>, keyof Identity | 'phase'>;

function rollingBackOf(root: Field): RollingBack {
  const [startedAt, since] = [root.at('startedAt'), root.at('since')];
  return {
    ending: choice(root.at('ending'), ['Failed', 'Aborted']),
    message: message(root.at('message')),
    ...(startedAt.isGiven ? { startedAt: count(startedAt) } : {}),
    ...(since.isGiven ? { since: count(since) } : {}),
  };
}

function endOf(root: Field): { startedAt: number; endedAt: number; message: string } {
  return {
    startedAt: count(root.at('startedAt')),
    endedAt: count(root.at('endedAt')),
    message: message(root.at('message')),
  };
}

const outcomes = ['Succeeded', 'Failed', 'Aborted'] as const satisfies readonly Outcome[];

function entryOf(root: Field): HistoryEntry {
  return {
    revision: text(root.at('revision')),
    outcome: choice(root.at('outcome'), outcomes),
    ...endOf(root),
    actor: text(root.at('actor')),
  };
}

function ledgerOf(root: Field): Ledger {
  if (!root.isMap) root.expected('a map');
  const [last, comparison] = [root.at('last'), root.at('comparison')];
  return {
    v: format(root),
    revision: text(root.at('revision')),
    startedAt: count(root.at('startedAt')),
    ticks: count(root.at('ticks')),
    passed: count(root.at('passed')),
    failed: count(root.at('failed')),
    silent: count(root.at('silent')),
    weight: weight(root.at('weight')),
    weightAt: count(root.at('weightAt')),
    ...(last.isGiven ? { last: tickOf(last) } : {}),
    ...(comparison.isGiven ? { comparison: readComparison(comparison) } : {}),
  };
}

function tickOf(root: Field): Tick {
  return {
    at: count(root.at('at')),
    weight: weight(root.at('weight')),
    verdict: choice(root.at('verdict'), ['pass', 'fail', 'inconclusive', 'error']),
    evidence: (root.at('evidence').items() ?? needed(root.at('evidence'), [])).map(message),
  };
}

/** `fallback` only keeps the types whole: a state with anything reported is not handed out. */
function needed<T>(field: Field, fallback: T): T {
  field.required('a value');
  return fallback;
}

function format(root: Field): 1 {
  if (root.at('v').value !== 1) root.at('v').expected('1, the one format that is known');
  return 1;
}

const text = (field: Field): string => field.text() ?? needed(field, '');
const count = (field: Field): number => field.whole(0, Number.MAX_SAFE_INTEGER) ?? needed(field, 0);
const weight = (field: Field): number => field.whole(0, 100) ?? needed(field, 0);

function choice<T extends string>(field: Field, choices: readonly [T, ...T[]]): T {
  return field.choice(choices) ?? needed(field, choices[0]);
}

/** A text that may be empty. */
function message(field: Field): string {
  if (typeof field.value !== 'string') field.expected('a text');
  return typeof field.value === 'string' ? field.value : '';
}
