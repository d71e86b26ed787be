// npm run test:harness [-- name...]: every mutant of the product that the simulator must notice, or those of these names.
import { attemptsAt, controls, make, type Result } from './harness.ts';
import { nameOf } from './mutant.ts';
import { mutantCalled, mutants } from './mutants/index.ts';

const names = process.argv.slice(2);
const chosen = names.length === 0 ? mutants : names.map(mutantCalled);
const results: Result[] = [];

await make([...attemptsAt(chosen), ...controls(chosen, 4)], {
  workers: 2,
  onResult: (result) => {
    results.push(result);
    console.log(said(result));
  },
});

const ofControl = results.filter(({ mutant }) => mutant === undefined);
const tried = results.filter(({ mutant }) => mutant !== undefined);
const survived = tried.filter(({ found }) => found === undefined);
const failed = ofControl.filter(({ found, broken }) => found !== undefined || broken !== undefined);
const cpuSeconds = results.reduce((sum, { cpuMs }) => sum + cpuMs, 0) / 1_000;
console.log(
  `\n${tried.length} mutants: ${tried.length - survived.length} caught, ${survived.length} survived` +
    `\ncontrol (no mutant, the same runs): ${failed.length === 0 ? 'nothing failed' : 'FAILED'}` +
    `\n${cpuSeconds.toFixed(0)} s of CPU time`,
);
if (survived.length > 0 || failed.length > 0) process.exitCode = 1;

function said({ mutant, found, cpuMs, broken }: Result): string {
  if (broken !== undefined) return `NOT TRIED ${mutant?.name ?? 'control'}: ${broken}`;
  const seconds = `${(cpuMs / 1_000).toFixed(1)} s`;
  if (mutant === undefined)
    return found === undefined
      ? `control   nothing fails  ${seconds}`
      : `CONTROL FAILED by ${found.by}: ${found.what}`;
  if (found === undefined) return `SURVIVED  ${mutant.name}: ${mutant.removes}  ${seconds}`;
  const isNamed = mutant.caughtBy.some((run) => nameOf(run) === found.by);
  return `caught    ${mutant.name}  by ${found.by}${isNamed ? '' : ' (which it does not name)'}  ${seconds}\n          ${found.what.slice(0, 160)}`;
}
