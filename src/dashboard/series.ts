import type { Report } from '../report/report.ts';
import type { Line, Series } from './wire.ts';

/** What is kept of one report. */
interface Sample {
  /** Unix seconds. */
  readonly at: number;
  readonly asked: number;
  readonly seen: number | null;
  readonly stable: Counted;
  readonly canary: Counted;
  readonly wealth: number | null;
  readonly bound: number | null;
}

interface Counted {
  readonly requests: number | null;
  readonly errors: number | null;
  readonly p99: number | null;
}

/** Samples of one rollout at most; at the usual look of 15 s an afternoon. */
export const mostSamples = 960;

/** What was seen of one rollout since the server began, oldest first, and never more than `mostSamples`. */
export class Recording {
  #samples: Sample[] = [];
  #of = '';

  /** Takes a report; one of another trial begins anew, one that says nothing new only moves the end. */
  take(report: Report): void {
    const of = `${report.candidate?.revision ?? ''} ${report.startedAt ?? ''}`;
    if (of !== this.#of) this.#samples = [];
    this.#of = of;
    const sample = sampleOf(report);
    const [before, last] = [this.#samples.at(-2), this.#samples.at(-1)];
    if (last !== undefined && sample.at < last.at) return;
    const isRepeated =
      last !== undefined && before !== undefined && isAlike(before, last) && isAlike(last, sample);
    if (isRepeated || last?.at === sample.at) this.#samples.pop();
    this.#samples.push(sample);
    if (this.#samples.length > mostSamples) this.#samples = thinned(this.#samples);
  }

  get series(): Series {
    const rates = ratesOf(this.#samples);
    const line = (values: (sample: Sample) => readonly (number | null)[]): Line =>
      lineOf(this.#samples.map((sample) => [sample.at, values(sample)]));
    return {
      weight: line(({ asked, seen }) => [asked, seen]),
      rate: lineOf(rates.map(({ at, stable, canary }) => [at, [stable.perSecond, canary.perSecond]])),
      errors: lineOf(rates.map(({ at, stable, canary }) => [at, [stable.errorPercent, canary.errorPercent]])),
      latency: line(({ stable, canary }) => [stable.p99, canary.p99]),
      evidence: line(({ wealth, bound }) => [wealth, bound]),
      source: 'checks',
    };
  }
}

/** Rows of two values each as a line. */
export function lineOf(rows: readonly (readonly [at: number, values: readonly (number | null)[]])[]): Line {
  return {
    at: rows.map(([at]) => at),
    values: [0, 1].map((index) => rows.map(([, values]) => values[index] ?? null)),
  };
}

function sampleOf({ at, weight, stable, candidate, evidence }: Report): Sample {
  const seen = weight.seen.map((each) => each.weight);
  return {
    at: Math.round(at / 1000),
    asked: weight.asked,
    seen: seen.length === 0 ? null : Math.min(...seen),
    stable: countedOf(stable),
    canary: countedOf(candidate),
    wealth: evidence?.wealth ?? null,
    bound: evidence?.bound ?? null,
  };
}

function countedOf(version: Report['candidate']): Counted {
  return {
    requests: version?.served?.requests ?? null,
    errors: version?.served?.errors ?? null,
    p99: version?.p99Ms ?? null,
  };
}

function isAlike(a: Sample, b: Sample): boolean {
  return JSON.stringify({ ...a, at: 0 }) === JSON.stringify({ ...b, at: 0 });
}

/** Every second of the older half goes: what is long ago is needed less exactly. */
function thinned(samples: readonly Sample[]): Sample[] {
  const half = Math.floor(samples.length / 2);
  return samples.filter((_, index) => index >= half || index % 2 === 0);
}

interface Rate {
  readonly perSecond: number | null;
  readonly errorPercent: number | null;
}

/** Counts only grow at a look: rates are between the looks at which they did, and told at the later. */
function ratesOf(samples: readonly Sample[]): readonly { at: number; stable: Rate; canary: Rate }[] {
  const total = ({ stable, canary }: Sample): number => (stable.requests ?? 0) + (canary.requests ?? 0);
  const looks = samples.filter((sample, index) => {
    const before = samples[index - 1];
    return before === undefined || total(sample) !== total(before);
  });
  return looks.slice(1).map((look, index) => {
    const before = looks[index];
    const seconds = look.at - (before?.at ?? 0);
    return {
      at: look.at,
      stable: rateOf(before?.stable, look.stable, seconds),
      canary: rateOf(before?.canary, look.canary, seconds),
    };
  });
}

function rateOf(before: Counted | undefined, after: Counted, seconds: number): Rate {
  const requests = grown(before?.requests, after.requests);
  const errors = grown(before?.errors, after.errors);
  if (requests === null || errors === null || seconds <= 0) return { perSecond: null, errorPercent: null };
  return { perSecond: requests / seconds, errorPercent: requests === 0 ? null : (100 * errors) / requests };
}

/** Null where either is not known, or they are of two counts. */
function grown(before: number | null | undefined, after: number | null): number | null {
  return before === null || before === undefined || after === null || after < before ? null : after - before;
}
