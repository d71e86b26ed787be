import { judge } from '../analysis/comparison.ts';
import { readHistory } from '../config/state.ts';
import { inForce } from '../rollout/due.ts';
import { weightsOf } from '../rollout/strategy.ts';
import type { Ledger, RolloutSpec, State } from '../rollout/types.ts';
import { eventsOf } from './events.ts';
import { nextOf } from './next.ts';
import { ledgerOf, type Objects } from './objects.ts';
import type { ChecksShown, EvidenceShown, Report, WeightShown } from './report.ts';
import { saidBy, standingOf } from './standing.ts';
import { stepsOf } from './steps.ts';
import { treeOf } from './tree.ts';
import { versionsOf } from './version.ts';
import { givenIn, mergedOf, weightOf } from './weight.ts';

/** What people are shown of a Deployment, from the objects around it; `now` by the API server's clock. */
export function reportOf(objects: Objects, now: number): Report {
  const { main, unread } = objects;
  const { name, namespace = '', annotations } = main.metadata;
  const said = saidBy(objects);
  const { state, spec } = said;
  const given = givenIn(objects);
  const ledger = state && inForce(ledgerOf(objects, state), state, mergedOf(given));
  const events = eventsOf(objects.events);
  const weight = weightOf(objects, state, given, events);
  const history = readHistory(annotations);
  return {
    ...{ namespace, name, at: now },
    ...standingOf(objects, said, ledger),
    ...versionsOf(objects, state, ledger),
    ...courseOf(objects, state, spec, ledger, weight),
    weight,
    ...checksOf(state, spec, ledger),
    ...evidenceOf(spec, ledger),
    history: history === undefined || 'corrupt' in history ? [] : history,
    ...{ events, tree: treeOf(objects, state) },
    ...(unread.length === 0 ? {} : { unread: unread.toSorted() }),
  };
}

function courseOf(
  objects: Objects,
  state: State | undefined,
  spec: RolloutSpec | undefined,
  ledger: Ledger | undefined,
  { seen }: WeightShown,
): Pick<Report, 'steps' | 'next'> {
  if (state === undefined) return { steps: [] };
  // Before the first weight nobody knows; a plan is made for routes that split.
  const isEarly = ['Pending', 'Starting', 'Succeeded'].includes(state.phase);
  const isSplit = seen.length > 0 || isEarly || ('weight' in state && state.weight > 0);
  const scene = {
    ...{ objects, state },
    ...(spec === undefined ? {} : { spec }),
    ...(ledger === undefined ? {} : { ledger }),
  };
  const next = nextOf(scene, isSplit);
  return { steps: stepsOf(scene, isSplit), ...(next === undefined ? {} : { next }) };
}

function checksOf(
  state: State | undefined,
  spec: RolloutSpec | undefined,
  ledger: Ledger | undefined,
): { readonly checks?: ChecksShown } {
  if (spec === undefined || state === undefined) return {};
  const { threshold, strategy } = spec.analysis;
  if (state.phase === 'Rolling') {
    const passed = weightsOf(strategy).filter((each) => each < state.weight).length;
    return { checks: { passed, failed: state.checks.failed, threshold, silent: state.checks.silent } };
  }
  if (ledger === undefined) return {};
  const { passed, failed, silent, last } = ledger;
  return {
    checks: {
      ...{ passed, failed, threshold, silent },
      ...(last === undefined
        ? {}
        : { last: { at: last.at, verdict: last.verdict, evidence: last.evidence } }),
    },
  };
}

function evidenceOf(
  spec: RolloutSpec | undefined,
  ledger: Ledger | undefined,
): { readonly evidence?: EvidenceShown } {
  const how = spec?.analysis.compare;
  if (how === undefined || ledger?.comparison === undefined) return {};
  const { wealth, bound, by, odds } = judge(ledger.comparison, how);
  // No bet was made yet: that is no evidence, and JSON has no infinity.
  const known = Number.isFinite(wealth) ? wealth : 0;
  return { evidence: { wealth: known, bound, ...(by === undefined ? {} : { by }), odds } };
}
