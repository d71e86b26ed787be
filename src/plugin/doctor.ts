import { asking } from '../advice/call.ts';
import { installChecks } from '../advice/check-install.ts';
import { targetChecks } from '../advice/check-target.ts';
import type { Check } from '../advice/check.ts';
import { examineInstall, examineTarget } from '../advice/examine.ts';
import { findPrometheus } from '../advice/prometheus.ts';
import { wrapped } from './block.ts';
import { nameOf } from './find.ts';
import { type Line, type Span, span, type Style } from './lines.ts';
import { show, showData } from './output.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Says whether everything is in order, a line for each thing that has to be. */
export async function doctor(io: Io, args: Args): Promise<ExitCode> {
  const { kube, transport, clock, namespace } = await io.cluster(args);
  const ask = asking(transport, io.clock);
  const [home, name] = [args.text('serin-namespace') ?? 'serin-system', nameOf(args)];
  const visit = { kube, ask, clock, home, namespace, ...(name === undefined ? {} : { name }) };
  const install = await examineInstall(visit);
  const serin = typeof install.serin === 'string' ? undefined : install.serin.found;
  const prometheus = findPrometheus({ ask, clock: io.clock }, serin, args.text('prometheus-url'));
  const target = await examineTarget(visit, prometheus);
  const checks = [...installChecks(install), ...targetChecks(target)];
  if (!(await showData(io, args, { items: checks })))
    show(io, checkLines(checks, io.terminal.size().columns));
  return checks.some(({ is }) => is === 'problem') ? exit.failed : exit.done;
}

const styles: Readonly<Record<Check['is'], Style>> = { ok: 'good', warning: 'warn', problem: 'bad' };
const [markWidth, aboutWidth] = [9, 13];

/** One line for each, wrapped beside what it is about, and what to do under it: a command as it is typed. */
export function checkLines(checks: readonly Check[], width: number): readonly Line[] {
  const room = Math.max(20, width - markWidth - aboutWidth);
  return checks.flatMap(({ about, is, text, todo }) => [
    ...wrapped(text, room).map((line, index): Line => {
      const isFirst = index === 0;
      return [
        { text: (isFirst ? is : '').padEnd(markWidth), style: styles[is] },
        { text: (isFirst ? about : '').padEnd(aboutWidth) },
        ...line,
      ];
    }),
    ...(todo === undefined ? [] : todoLines(todo, width)),
  ]);
}

function todoLines(todo: string, width: number): readonly Line[] {
  const indent: Span = { text: ' '.repeat(markWidth) };
  if (todo.startsWith('kubectl ')) return [[indent, span(todo, 'canary')]];
  return wrapped(todo, width - markWidth, { style: 'faint' }).map((line) => [indent, ...line]);
}
