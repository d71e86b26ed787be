import { importFrom } from '../advice/import.ts';
import { documentOf, type Imported, type Left } from '../advice/imported.ts';
import { filesOf } from './files.ts';
import { type Line, painted, type Style, span, wrapText } from './lines.ts';
import { showData } from './output.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Writes Canaries and Rollouts as plans of Deployments, and says what could not be carried. */
export async function importPlan(io: Io, args: Args): Promise<ExitCode> {
  const files = await filesOf(io, args);
  if (files === undefined) return exit.usage;
  const { imported, unfit } = importFrom(files);
  for (const why of unfit) io.err(`${span(why).text}\n`);
  if (imported.length === 0) {
    if (unfit.length === 0)
      io.err('nothing to import: no Canary of flagger.app and no Rollout of argoproj.io\n');
    return exit.usage;
  }
  const wanted = imported.map((each) => (args.isSet('write') ? each : withoutWhole(each)));
  if (!(await showData(io, args, { items: wanted }))) io.out(wanted.map(documentOf).join('---\n'));
  const { columns } = io.terminal.size();
  const lines = imported.flatMap((each) => leftLines(each, columns));
  io.err(lines.map((line) => `${painted(line, io.terminal.colour)}\n`).join(''));
  const isWhole =
    unfit.length === 0 && imported.every(({ left }) => left.every(({ is }) => is === 'needless'));
  return isWhole ? exit.done : exit.failed;
}

function withoutWhole(imported: Imported): Imported {
  const { whole: _, ...rest } = imported;
  return rest;
}

const words: Readonly<Record<Left['is'], { readonly text: string; readonly style: Style }>> = {
  lost: { text: 'not carried', style: 'bad' },
  todo: { text: 'to do', style: 'warn' },
  needless: { text: 'not needed', style: 'faint' },
};
const order = Object.keys(words);

/** What was left out, the path first and the reason under it: paths are long. */
function leftLines({ source, left }: Imported, width: number): readonly Line[] {
  const all = left.toSorted((a, b) => order.indexOf(a.is) - order.indexOf(b.is));
  const title = left.length === 0 ? `${source}: all of it was carried` : source;
  return [
    [span(title, 'strong')],
    ...all.flatMap(({ path, is, why }): readonly Line[] => [
      [{ text: `  ${words[is].text.padEnd(13)}`, style: words[is].style }, span(path)],
      ...wrapText(span(why).text, Math.max(20, width - 15)).map(
        (line): Line => [{ text: ' '.repeat(15) }, span(line)],
      ),
    ]),
  ];
}
