// npm run bench:analysis: how soon a bad canary is seen and what it costs until then, by Serin and by the rules of others,
// on the same traffic, weights and scrapes; and how often a healthy one is rolled back.
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ComparisonSpec } from '../../../src/analysis/comparison.ts';
import { type Cell, play } from './play.ts';
import { argo, flagger, type Rule, serin } from './rules.ts';
import { bytesOfState, msOfALook } from './speed.ts';
import type { Scenario } from './traffic.ts';

const { values } = parseArgs({
  options: { json: { type: 'boolean' }, runs: { type: 'string' }, write: { type: 'string' } },
});
const runs = Number(values.runs ?? 2000);

// Before anything else fills the memory.
const look = { cpuMs: msOfALook(100) };
const state = bytesOfState();
const megabytes = (2000 * (state.written + state.inMemory)) / 1e6;

const usual: ComparisonSpec = { errorRate: true, latency: true, falseRollback: 0.01, tolerance: 1.5 };
const documented = flagger('Flagger as documented: 60 s, 99 %, threshold 10', 60, 99, 10);
/** The fastest that rolls back no more healthy canaries than Serin does, at these rates. */
const careful = flagger('Flagger: 60 s, 99 %, threshold 1', 60, 99, 1);
const fastest = flagger('Flagger, its fastest: 15 s, 99 %, threshold 1', 15, 99, 1);
const rules: readonly Rule[] = [
  serin('Serin, its defaults', usual),
  serin('Serin, any worse (tolerance 1)', { ...usual, latency: false, tolerance: 1 }),
  documented,
  flagger('Flagger: 60 s, 99 %, threshold 5', 60, 99, 5),
  careful,
  fastest,
  argo('Argo Rollouts: 60 s, 99 %, failureLimit 3', 99, 3),
  argo('Argo Rollouts: 60 s, 95 %, failureLimit 3', 95, 3),
  argo('Argo Rollouts: 60 s, 99 %, failureLimit 0', 99, 0),
];

const at = (rate: number) => (): number => rate;
const incident = (second: number): number => (second >= 120 && second < 240 ? 0.05 : 0.001);
const day = (second: number): number => 0.002 + 0.0018 * Math.sin(second / 90);
const pairs = (perSecond: number, ...cases: readonly (readonly [number, number])[]): readonly Scenario[] =>
  cases.map(([stable, canary]) => ({
    says: `${perSecond}/s, ${stable * 100} % -> ${canary * 100} %`,
    perSecond,
    stable: at(stable),
    canary: at(canary),
  }));
const scenarios: readonly Scenario[] = [
  ...pairs(10, [0.001, 0.001], [0.001, 0.01], [0.001, 0.05]),
  ...pairs(100, [0.001, 0.001], [0.001, 0.005], [0.001, 0.01], [0.001, 0.05], [0.001, 0.2], [0.02, 0.02]),
  ...pairs(1000, [0.001, 0.001], [0.001, 0.005], [0.001, 0.01]),
  { says: '100/s, both arms fail 5 % for two minutes', perSecond: 100, stable: incident, canary: incident },
  { says: '100/s, both arms rise and fall', perSecond: 100, stable: day, canary: day },
];

const table = scenarios.map((scenario) => ({
  scenario,
  cells: rules.map((rule) => ({ rule, cell: play(scenario, rule, runs) })),
}));

function shown({ rolledBack, medianSeconds, errors }: Cell): string {
  const when = medianSeconds === undefined ? '-' : `${medianSeconds} s`;
  return `${(100 * rolledBack).toFixed(rolledBack < 0.1 && rolledBack > 0 ? 2 : 1)} % / ${when} / ${errors.toFixed(1)}`;
}

const lines = [
  `Rolled back / median time until then / errors the canary served until its end; ${runs} rollouts a cell, a scrape each 15 s,`,
  'weight 5 % to 50 % by 5 % a minute. In the first rows of each load and the last two, the canary is as good as stable: what is',
  'rolled back there is rolled back for nothing.',
  '',
  `| | ${rules.map(({ says }) => says).join(' | ')} |`,
  `|---|${rules.map(() => '---').join('|')}|`,
  ...table.map(
    ({ scenario, cells }) => `| ${scenario.says} | ${cells.map(({ cell }) => shown(cell)).join(' | ')} |`,
  ),
  '',
  `A look at 10 replicas x 30 series x 20 buckets x 2 arms: ${look.cpuMs.toFixed(1)} ms of CPU from samples to judgement.`,
  `The analysis of a rollout: ${state.written} bytes written, ${state.inMemory} in memory once read; of 2000 rollouts ${megabytes.toFixed(1)} MB.`,
];
const text = `${lines.join('\n')}\n`;
process.stdout.write(text);
if (values.write !== undefined) writeFileSync(values.write, text);

const cellOf = (says: string, rule: Rule): Cell => {
  const found = table
    .find(({ scenario }) => scenario.says === says)
    ?.cells.find((each) => each.rule === rule)?.cell;
  if (found === undefined) throw new Error(`no cell ${says}, ${rule.says}`);
  return found;
};
const [ours = documented] = rules;
const regression = '100/s, 0.1 % -> 1 %';
const healthy = '100/s, 0.1 % -> 0.1 %';
if (values.json === true) {
  const figure = (rule: Rule) => ({
    errors: cellOf(regression, rule).errors,
    rolledBack: cellOf(regression, rule).rolledBack,
    forNothing: cellOf(healthy, rule).rolledBack,
  });
  const errors = (rule: Rule): number => cellOf(regression, rule).errors;
  const summary = {
    name: 'analysis',
    ratios: {
      errorsAgainstFlaggerDocumented: errors(ours) / errors(documented),
      errorsAgainstFlaggerCareful: errors(ours) / errors(careful),
      errorsAgainstFlaggerFastest: errors(ours) / errors(fastest),
    },
    figures: {
      serin: figure(ours),
      flaggerDocumented: figure(documented),
      flaggerCareful: figure(careful),
      flaggerFastest: figure(fastest),
      runs,
      ...{ look, state: { ...state, megabytesOf2000: megabytes } },
    },
  };
  process.stdout.write(`${JSON.stringify(summary)}\n`);
}
