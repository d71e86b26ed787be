import type { Finding, Level } from '../advice/finding.ts';
import { lint as findingsIn } from '../advice/lint.ts';
import { filesOf } from './files.ts';
import { type Line, span, type Style } from './lines.ts';
import { show, showData } from './output.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Says what is wrong with files, a line for each, as compilers do: editors and reviewers find the place by it. */
export async function lint(io: Io, args: Args): Promise<ExitCode> {
  const files = await filesOf(io, args);
  if (files === undefined) return exit.usage;
  const findings = findingsIn(files);
  const isBad = findings.some(
    ({ level }) => level === 'error' || (level === 'warning' && args.isSet('strict')),
  );
  if (!(await showData(io, args, { items: findings }))) {
    show(io, findings.map(lineOf));
    io.err(`${summaryOf(findings, files.length)}\n`);
  }
  return isBad ? exit.failed : exit.done;
}

const styles: Readonly<Record<Level, Style>> = { error: 'bad', warning: 'warn', note: 'faint' };

function lineOf({ file, line, column, level, path, text }: Finding): Line {
  // An error says its path itself.
  const where = level === 'error' || path === '' ? '' : `${path}: `;
  return [span(`${file}:${line}:${column}: `), span(`${level}: `, styles[level]), span(`${where}${text}`)];
}

function summaryOf(findings: readonly Finding[], files: number): string {
  const counts = (['error', 'warning'] as const).flatMap((level) => {
    const count = findings.filter((each) => each.level === level).length;
    return count === 0 ? [] : [countOf(count, level)];
  });
  return `${counts.length === 0 ? 'nothing wrong' : counts.join(', ')} in ${countOf(files, 'file')}`;
}

function countOf(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
