// How a canary is judged: Serin's comparison by production's code, and the rules of others as their code has them.
import { comparisonFrom, type ComparisonSpec, judge, withTicks } from '../../../src/analysis/comparison.ts';
import { scrapeSeconds, type Scrape } from './traffic.ts';

/** What a rule says after a scrape. `hold`: the weight stays at the end of this interval. */
type Says = 'go on' | 'hold' | 'roll back';

export interface Rule {
  readonly says: string;
  /** Seconds between two steps of the weight. */
  readonly interval: number;
  /** A judge of one rollout; told of each scrape, and whether an interval ends with it. */
  readonly open: () => (scrape: Scrape, endsInterval: boolean) => Says;
}

/** Serin: looks at each scrape; a check passes while nothing is shown. */
export function serin(says: string, spec: ComparisonSpec): Rule {
  return {
    says,
    interval: 60,
    open: () => {
      let comparison = comparisonFrom(0);
      return ({ until, canary, stable }) => {
        const tick = {
          until,
          edges: [],
          canary: { ...canary, slower: [] },
          stable: { ...stable, slower: [] },
        };
        comparison = withTicks(comparison, [tick], spec);
        return judge(comparison, spec).verdict === 'worse' ? 'roll back' : 'go on';
      };
    },
  };
}

/**
 * Flagger (pkg/controller/scheduler.go): each interval first asks whether the failed checks reached the threshold, then
 * checks; a failed check holds the weight, and is never taken back.
 */
export function flagger(says: string, interval: number, atLeast: number, threshold: number): Rule {
  return {
    says,
    interval,
    open: () => {
      const rate = successRate(60);
      let failed = 0;
      return (scrape, endsInterval) => {
        const seen = rate(scrape);
        if (!endsInterval) return 'go on';
        if (failed >= threshold) return 'roll back';
        if (seen >= atLeast) return 'go on';
        failed += 1;
        return 'hold';
      };
    },
  };
}

/** Argo Rollouts' background analysis (analysis/analysis.go): aborts beyond the limit; steps do not wait for it. */
export function argo(says: string, atLeast: number, failureLimit: number): Rule {
  return {
    says,
    interval: 60,
    open: () => {
      const rate = successRate(60);
      let failed = 0;
      return (scrape, endsInterval) => {
        const seen = rate(scrape);
        if (endsInterval && seen < atLeast) failed += 1;
        return failed > failureLimit ? 'roll back' : 'go on';
      };
    },
  };
}

/** The success rate of the canary in percent over a window, as it moves. */
function successRate(windowSeconds: number): (scrape: Scrape) => number {
  const seen: Scrape['canary'][] = [];
  return ({ canary }) => {
    seen.push(canary);
    if (seen.length > windowSeconds / scrapeSeconds) seen.shift();
    const requests = seen.reduce((sum, each) => sum + each.requests, 0);
    const errors = seen.reduce((sum, each) => sum + each.errors, 0);
    return requests === 0 ? 0 : 100 * (1 - errors / requests);
  };
}
