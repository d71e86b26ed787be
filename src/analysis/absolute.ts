import { logFactorial } from './factorial.ts';

/**
 * The log of Robbins' uniform mixture against "each request fails with probability `rate`": its mean is 1 there, so it
 * reaches 1/alpha with a chance of at most alpha whenever one looks. One arm alone, for an absolute objective.
 */
function logRobbins(
  { requests, errors }: { readonly requests: number; readonly errors: number },
  rate: number,
): number {
  const good = requests - errors;
  const ways = logFactorial(requests) - logFactorial(errors) - logFactorial(good);
  const likelihood = part(errors, Math.log(rate)) + part(good, Math.log1p(-rate));
  return -(Math.log(requests + 1) + ways + likelihood);
}

/** 0 of what has probability 0 is no surprise. */
function part(count: number, log: number): number {
  return count === 0 ? 0 : count * log;
}

/** The error rates that are not refuted by what was seen, with a chance of at most `alpha` of being wrong at any time. */
export function rateInterval(
  seen: { readonly requests: number; readonly errors: number },
  alpha: number,
): { readonly least: number; readonly most: number } {
  const { requests, errors } = seen;
  if (requests === 0) return { least: 0, most: 1 };
  const bar = Math.log(1 / alpha);
  const isRefuted = (rate: number): boolean => logRobbins(seen, rate) >= bar;
  const middle = errors / requests;
  return {
    least: errors === 0 ? 0 : edge(isRefuted, 0, middle),
    most: errors === requests ? 1 : edge(isRefuted, 1, middle),
  };
}

/** Where it stops being refuted on the way from `outside` to `inside`. */
function edge(isRefuted: (rate: number) => boolean, outside: number, inside: number): number {
  let [out, within] = [outside, inside];
  for (let halvings = 0; halvings < 80; halvings += 1) {
    const middle = (out + within) / 2;
    if (isRefuted(middle)) out = middle;
    else within = middle;
  }
  return within;
}
