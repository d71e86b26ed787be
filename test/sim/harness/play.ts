// In the process that tries a mutant: plays runs until something fails, and says what.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type History, parseHistory } from '../history.ts';
import { invariants } from '../invariants/index.ts';
import { historyOf } from '../plan.ts';
import { run } from '../run.ts';
import { crashPlans, playCrash } from '../sweep/crash-plans.ts';
import { type Known, playReferenceCalled } from '../sweep/record.ts';
import { referencesOf } from '../sweep/references.ts';
import { nameOf, type Run } from './mutant.ts';

type Played = Exclude<Run, { readonly row: string }>;

/** What was found, and by which of the runs. */
export interface Found {
  readonly by: string;
  readonly what: string;
}

const known = new Map<string, Known>();

// Of thousands of errors that are part of a history nobody reads where they came from.
Error.stackTraceLimit = 0;
process.stdout.write(`${JSON.stringify(await first(JSON.parse(process.argv[2] ?? '[]') as Played[]))}\n`);

async function first(runs: readonly Played[]): Promise<Found | Record<string, never>> {
  for (const each of runs) {
    const what = await playOne(each);
    if (what !== undefined) return { by: nameOf(each), what };
  }
  return {};
}

async function playOne(each: Played): Promise<string | undefined> {
  if ('seed' in each || 'regression' in each) {
    const { violation } = await run(historyIn(each), invariants);
    return violation && `${violation.id} ${violation.what}`;
  }
  const reference = await referenceCalled('reference' in each ? each.reference : each.crash);
  if (typeof reference === 'string' || 'reference' in each)
    return typeof reference === 'string' ? reference : undefined;
  const plans = crashPlans([reference]).filter(({ flaw }) => flaw === each.flaw);
  if (plans.length === 0) throw new Error(`no write can meet ${each.flaw}`);
  for (const plan of plans) {
    const wrong = await playCrash([reference], plan);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

function historyIn(of: { readonly seed: number } | { readonly regression: string }): History {
  if ('seed' in of) return historyOf(of.seed);
  const file = join(import.meta.dirname, '../regressions', `${of.regression}.json`);
  return parseHistory(readFileSync(file, 'utf8'));
}

/** The reference as it was played; where it is not right itself, why. */
async function referenceCalled(name: string): Promise<Known | string> {
  const before = known.get(name);
  if (before !== undefined) return before;
  if (!referencesOf(1).some((each) => each.name === name)) throw new Error(`there is no reference "${name}"`);
  try {
    const played = await playReferenceCalled(name);
    known.set(name, played);
    return played;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
