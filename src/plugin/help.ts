import { form } from './args.ts';
import { everywhere } from './flags.ts';
import type { Flags, Verb } from './verb.ts';

/** What there is. */
export function helpText(verbs: readonly Verb[]): string {
  const forms = verbs.map(({ name, takes, summary }) => [`${name} ${takes}`, summary] as const);
  return [
    'kubectl canary VERB: releases of plain Deployments, watched and told what to do',
    '',
    ...columns(forms),
    '',
    'kubectl canary help VERB says more.',
    'Exit codes: 0 done, or promoted; 1 failed, or refused; 2 not known in time; 3 wrongly said.',
    '',
  ].join('\n');
}

/** What one verb is for and takes. */
export function verbHelp(verb: Verb): string {
  const flags: Flags = { ...verb.flags, ...everywhere };
  const lines = Object.entries(flags).map(([name, { short, value, choices, about }]) => {
    const long = `${short === undefined ? '    ' : `-${short}, `}--${name}`;
    const shown = choices?.join('|') ?? value;
    return [shown === undefined ? long : `${long} ${shown}`, about] as const;
  });
  const examples = verb.examples ?? [];
  return [
    form(verb),
    '',
    `  ${verb.summary}`,
    '',
    ...columns(lines),
    ...(examples.length === 0 ? [] : ['', ...examples.map((each) => `  ${each}`)]),
    '',
  ].join('\n');
}

/** What is longer than this has a line to itself. */
const widestLeft = 36;

function columns(rows: readonly (readonly [string, string])[]): readonly string[] {
  const lengths = rows.map(([left]) => left.length).filter((length) => length <= widestLeft);
  const widest = Math.max(...lengths);
  return rows.flatMap(([left, right]) =>
    left.length <= widest
      ? [`  ${left.padEnd(widest)}  ${right}`]
      : [`  ${left}`, `  ${''.padEnd(widest)}  ${right}`],
  );
}
