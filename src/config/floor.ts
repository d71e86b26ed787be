import { readDocument } from './document.ts';
import { Field, type Findings, type Mistake } from './field.ts';
import { checkNames } from './known.ts';

/** How weak a plan of an enforced namespace may be at most. */
export interface Floor {
  /** The shortest interval between two checks. */
  readonly intervalMs: number;
  /** The most failed checks before the rollback. */
  readonly threshold: number;
  /** The most percent of the traffic that may move in one step. */
  readonly step: number;
}

/** What holds where the namespace says nothing: no plan goes to everybody, or to most, in one step. */
export const usualFloor: Floor = { intervalMs: 1_000, threshold: 10_000, step: 50 };

export type ParsedFloor =
  | { readonly ok: true; readonly floor: Floor }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

const level = { known: ['interval', 'threshold', 'step'], refused: {}, noted: {} };

/** Reads `enforce.yaml` of ConfigMap `serin`; what it leaves out is as usual. Reports every mistake at once. */
export function parseFloor(text: string | undefined): ParsedFloor {
  const read = readDocument(text ?? '');
  if ('problem' in read) return { ok: false, mistakes: [{ path: '', problem: read.problem }] };
  const findings: Findings = { mistakes: [], notes: [] };
  const root = new Field('', read.value, findings);
  checkNames(root, level);
  const floor: Floor = {
    intervalMs: root.at('interval').duration() ?? usualFloor.intervalMs,
    threshold: root.at('threshold').whole(1, 10_000) ?? usualFloor.threshold,
    step: root.at('step').whole(1, 99) ?? usualFloor.step,
  };
  return findings.mistakes.length === 0 ? { ok: true, floor } : { ok: false, mistakes: findings.mistakes };
}
