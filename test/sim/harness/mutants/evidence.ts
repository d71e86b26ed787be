// What is known of a candidate, and what follows from it.
import type { Mutant } from '../mutant.ts';

export const ofEvidence: readonly Mutant[] = [
  {
    name: 'evidence-of-another-trial',
    file: 'rollout/due.ts',
    text: 'return ledger?.revision === revision && ledger.startedAt === startedAt;',
    becomes: 'return ledger?.revision === revision;',
    removes: 'checks of an earlier trial of the same version count',
    caughtBy: [{ row: 'row 14', in: 'stale' }],
  },
  {
    name: 'unknown-passes',
    file: 'analysis/thresholds.ts',
    text: "return { verdict: 'inconclusive', sentence",
    becomes: "return { verdict: 'pass', sentence",
    removes: 'a metric without a value counts as a pass',
    caughtBy: [{ row: 'row 40: no', in: 'software' }],
  },
  {
    name: 'silence-fails',
    file: 'analysis/thresholds.ts',
    text: "return { verdict: 'error', sentence",
    becomes: "return { verdict: 'fail', sentence",
    removes: 'a Prometheus that does not answer fails the candidate',
    caughtBy: [{ row: 'row 37', in: 'software' }],
  },
  {
    name: 'every-verdict-passes',
    file: 'rollout/check.ts',
    text: "const verdict = compared.isIncident ? 'inconclusive' : worst(all);",
    becomes: "const verdict = all.length > 0 && !compared.isIncident ? 'pass' : 'inconclusive';",
    removes: 'whatever was measured, a check passes',
    caughtBy: [{ row: 'row 40: no', in: 'software' }],
  },
  {
    name: 'interval-cut-short',
    file: 'rollout/due.ts',
    text: 'return Math.max(ledger.weightAt, ledger.last?.at ?? 0) + spec.analysis.intervalMs;',
    becomes: 'return Math.max(ledger.weightAt, ledger.last?.at ?? 0);',
    removes: 'a weight is judged as soon as it is there',
    caughtBy: [{ reference: 'a bad version' }, { row: 'row 36: pods', in: 'software' }],
  },
  {
    name: 'counts-begin-anew',
    file: 'rollout/due.ts',
    text: '...(isOf(ledger, state) ? ledger : empty), weight',
    becomes: '...empty, weight',
    removes: 'the counts of checks begin at zero with each weight',
    caughtBy: [{ row: 'row 3:', in: 'intermediate' }],
  },
  {
    name: 'reason-lost',
    file: 'rollout/step.ts',
    text: 'return { state, actions: shown ? [] : [condition] };',
    becomes: 'return { state, actions: [] };',
    removes: 'a failure whose condition somebody rewrote, or that was lost in a crash, is not shown again',
    caughtBy: [{ crash: 'a bad version', flaw: 'crash before' }],
  },
];
