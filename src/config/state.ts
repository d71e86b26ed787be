import { names } from '../kube/objects.ts';
import type { BothArms, Figures, HistoryEntry, Json, Ledger, State, Tick } from '../rollout/types.ts';
import { readComparison } from './comparison.ts';
import { Field, type Findings, mistakeText } from './field.ts';
import { parseJson } from './json.ts';
import { outcomes, stateOf } from './phases.ts';
import { choice, count, endOf, format, message, needed, text, weight } from './stored.ts';

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

/** The ledger of `serin.dev/analysis`. */
export function readLedger(annotations: Annotations): Ledger | undefined | Corrupt {
  return read(annotations, names.analysis, ledgerOf);
}

/** The text that readLedger reads back as the same ledger, and ledgerTwin as the uid of the twin it is the evidence of. */
export function writeLedger(ledger: Ledger, twin: string): string {
  return JSON.stringify({ ...ledger, twin });
}

/** Of which twin (uid) the ledger there is the evidence; undefined where it does not say so. */
export function ledgerTwin(annotations: Annotations): string | undefined {
  const twin = read(annotations, names.analysis, (root) => root.at('twin').value);
  return typeof twin === 'string' ? twin : undefined;
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
  const given = annotations?.[name];
  if (given === undefined) return undefined;
  const json = typeof given === 'string' ? parseJson(given) : undefined;
  if (json === undefined || json === null) return { corrupt: `${name} is not JSON` };
  const findings: Findings = { mistakes: [], notes: [] };
  const value = parse(new Field('', json, findings));
  const [wrong] = findings.mistakes;
  if (wrong === undefined) return value;
  return { corrupt: `${wrong.path === '' ? '' : `${name}: `}${mistakeText(wrong, name)}` };
}

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
  const measured = root.at('measured');
  return {
    at: count(root.at('at')),
    weight: weight(root.at('weight')),
    verdict: choice(root.at('verdict'), ['pass', 'fail', 'inconclusive', 'error']),
    evidence: (root.at('evidence').items() ?? needed(root.at('evidence'), [])).map(message),
    ...(measured.isGiven ? { measured: figuresIn(measured) } : {}),
  };
}

function figuresIn(root: Field): Figures {
  const [success, p99] = [root.at('successPercent'), root.at('p99Ms')];
  return {
    ...(success.isGiven ? { successPercent: bothArms(success) } : {}),
    ...(p99.isGiven ? { p99Ms: bothArms(p99) } : {}),
  };
}

function bothArms(field: Field): BothArms {
  const [canary = null, stable = null] = (field.items() ?? []).map((arm) => arm.number() ?? null);
  return [canary, stable];
}
