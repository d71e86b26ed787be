// The pictures of docs/analysis.md, drawn from what the product's own comparison says of requests that are thrown by dice.
import {
  comparisonFrom,
  type Comparison,
  type ComparisonSpec,
  judge,
  withTicks,
} from '../../src/analysis/comparison.ts';
import { binomial, diceOf } from '../analysis/chance.ts';

const spec: ComparisonSpec = { errorRate: true, latency: false, falseRollback: 0.01, tolerance: 1.5 };
/** A scrape every five seconds of 100 requests a second, a fifth of them to the canary. */
const [scrapeSeconds, perScrape, share, scrapes] = [5, 500, 0.2, 60];
const stableErrors = 0.002;

/** The comparison after each scrape of a canary that fails so many of its requests. */
function trial(canaryErrors: number, seed: number): readonly Comparison[] {
  const dice = diceOf(seed);
  const seen: Comparison[] = [];
  let now = comparisonFrom(0);
  for (let n = 1; n <= scrapes; n += 1) {
    const arm = (requests: number, rate: number) => {
      return { requests, errors: binomial(dice, requests, rate), slower: [] };
    };
    const tick = {
      ...{ until: n * scrapeSeconds * 1000, edges: [] },
      ...{ canary: arm(perScrape * share, canaryErrors), stable: arm(perScrape * (1 - share), stableErrors) },
    };
    now = withTicks(now, [tick], spec);
    seen.push(now);
  }
  return seen;
}

interface Line {
  readonly label: string;
  readonly colour: string;
  readonly points: readonly (readonly [seconds: number, value: number])[];
  readonly isDashed?: boolean;
}
interface Picture {
  readonly title: string;
  readonly lines: readonly Line[];
  readonly range: readonly [least: number, most: number];
  readonly marks: readonly number[];
}

const [wide, high, left, top, right, bottom] = [720, 300, 52, 34, 178, 34];
const lastSecond = scrapes * scrapeSeconds;

function svg({ title, lines, range: [least, most], marks }: Picture): string {
  const x = (seconds: number): string => (left + ((wide - left - right) * seconds) / lastSecond).toFixed(1);
  const y = (value: number): string =>
    (
      top +
      ((high - top - bottom) * (most - Math.min(most, Math.max(least, value)))) / (most - least)
    ).toFixed(1);
  const grid = marks.map(
    (mark) =>
      `<path class="grid" d="M${left} ${y(mark)}H${wide - right}"/><text x="${left - 8}" y="${y(mark)}" class="mark">${mark}</text>`,
  );
  const times = [0, 60, 120, 180, 240, 300].map(
    (seconds) => `<text x="${x(seconds)}" y="${high - 12}" class="time">${seconds} s</text>`,
  );
  const drawn = lines.map(({ label, colour, points, isDashed }) => {
    const path = points.map(([seconds, value], n) => `${n === 0 ? 'M' : 'L'}${x(seconds)} ${y(value)}`);
    const end = points.at(-1) ?? [0, 0];
    return `<path d="${path.join('')}" fill="none" stroke="${colour}" stroke-width="2"${isDashed === true ? ' stroke-dasharray="5 4"' : ''}/><text x="${Number(x(end[0])) + 7}" y="${y(end[1])}" fill="${colour}" class="label">${label}</text>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${wide} ${high}" role="img" aria-label="${title}">
<style>text{font:12px system-ui,sans-serif;dominant-baseline:middle}.mark{text-anchor:end;fill:#7d8590}.time{text-anchor:middle;fill:#7d8590}.grid{stroke:#7d8590;stroke-opacity:.25}.title{font-weight:600;fill:#7d8590}</style>
<text x="${left}" y="16" class="title">${title}</text>
${[...grid, ...times, ...drawn].join('\n')}
</svg>
`;
}

const seconds = (seen: Comparison): number => seen.until / 1000;
const [stable, canary, good, bound] = ['#2b7fb0', '#b35900', '#2f8f4e', '#c0392b'];

/** How the evidence against three canaries grows, up to the bound that rolls back. */
export function evidencePicture(): string {
  const wealth = (label: string, colour: string, seen: readonly Comparison[]): Line => {
    const judged = seen.map((each) => judge(each, spec));
    const over = judged.findIndex(({ verdict }) => verdict === 'worse');
    const shown = over === -1 ? seen.length : over + 1;
    return {
      ...{ label, colour },
      points: [
        [0, 0],
        ...judged.slice(0, shown).map((each, n) => [(n + 1) * scrapeSeconds, each.wealth] as const),
      ],
    };
  };
  const limit = judge(comparisonFrom(0), spec).bound;
  return svg({
    title: 'Evidence that the canary is worse (ln M); stable fails 0.2 %',
    range: [-3, 6],
    marks: [-2, 0, 2, 4, 6],
    lines: [
      {
        ...{ label: `rolled back at ${limit.toFixed(1)}`, colour: bound, isDashed: true },
        points: [
          [0, limit],
          [lastSecond, limit],
        ],
      },
      wealth('canary fails 3 %', canary, trial(0.03, 4)),
      wealth('canary fails 1 %', stable, trial(0.01, 5)),
      wealth('canary as stable', good, trial(stableErrors, 7)),
    ],
  });
}

/** How the odds ratio of a canary that is as good as stable becomes known. */
export function oddsPicture(): string {
  const seen = trial(stableErrors, 7);
  const of = (end: 'least' | 'most'): Line['points'] =>
    seen.flatMap((each) => {
      const value = judge(each, spec).odds[end];
      return value === undefined ? [] : [[seconds(each), Math.log2(value)] as const];
    });
  return svg({
    title: 'Where the odds ratio lies, at 95 % (doublings): a canary that is as stable is',
    range: [-5, 5],
    marks: [-4, -2, 0, 2, 4],
    lines: [
      { label: 'at most', colour: canary, points: of('most') },
      { label: 'at least', colour: stable, points: of('least') },
      {
        ...{ label: 'no difference', colour: good, isDashed: true },
        points: [
          [0, 0],
          [lastSecond, 0],
        ],
      },
    ],
  });
}
