// What an apply would do, on a terminal.
import type { Course } from '../advice/course.ts';
import type { Fate } from '../advice/fate.ts';
import type { Planned, Trial } from '../advice/plan.ts';
import { besideLabel, labelled, wrapped } from './block.ts';
import { type Line, span, type Style } from './lines.ts';
import { type Column, tableLines } from './table.ts';
import { countText, lengthText } from './words.ts';

/** The objects in their order, each Deployment with how its canary would go; those that nobody minds in one line at the end. */
export function planLines(all: readonly Planned[], width: number): readonly Line[] {
  const quiet = all.filter(({ fate, warnings }) => fate.is === 'taken' && warnings.length === 0);
  const blocks = all.filter((each) => !quiet.includes(each)).map((each) => blockOf(each, width));
  const names = quiet.map(({ kind, name }) => `${kind} ${name}`).join(', ');
  const rest = quiet.length === 0 ? [] : [wrapped(`taken as they are: ${names}`, width, { style: 'faint' })];
  return [...blocks, ...rest].flatMap((block, index) => (index === 0 ? block : [[], ...block]));
}

function blockOf(planned: Planned, width: number): readonly Line[] {
  const { kind, namespace, name, fate, warnings, trial } = planned;
  const room = besideLabel(width);
  const where = namespace === undefined ? name : `${namespace}/${name}`;
  const { text, style } = words[fate.is];
  return [
    [span(`${kind} ${where}`, 'strong'), { text: ': ' }, span(text, style)],
    ...labelled('why', whyOf(fate, room)),
    ...changeLines(planned, room),
    ...(trial === undefined ? [] : trialLines(trial, room)),
    ...labelled(
      'said',
      warnings.flatMap((each) => wrapped(each, room, { lead: '- ' })),
    ),
  ];
}

const words: Readonly<Record<Planned['fate']['is'], { readonly text: string; readonly style: Style }>> = {
  refused: { text: 'would be refused', style: 'bad' },
  unknown: { text: 'not known', style: 'warn' },
  new: { text: 'would be created; there is nothing yet to try it against', style: 'good' },
  unchanged: { text: 'would roll nothing out', style: 'good' },
  restart: { text: 'would restart its pods, which is no release', style: 'good' },
  held: { text: 'would be held and tried as a canary', style: 'good' },
  waits: { text: 'would be held until Serin answers, and then tried', style: 'warn' },
  ends: { text: 'would end the rollout: it stays at stable', style: 'good' },
  direct: { text: 'would go out to everybody at once', style: 'bad' },
  taken: { text: 'would be taken', style: 'good' },
};

function whyOf(fate: Planned['fate'], room: number): readonly Line[] {
  const why = 'why' in fate ? fate.why : replacedBy(fate);
  return why === '' ? [] : wrapped(why, room);
}

function replacedBy(fate: Exclude<Planned['fate'], { readonly why: string }>): string {
  if (fate.is === 'ends') return `revision ${fate.revision} is given up`;
  if (fate.is !== 'held' || fate.inPlaceOf === undefined) return '';
  return `it takes the place of revision ${fate.inPlaceOf}, with no evidence carried over`;
}

function changeLines({ fate, changed }: Planned, room: number): readonly Line[] {
  if (changed === undefined) return [];
  const { images, also } = changed;
  return [
    ...labelled('revision', revisionLines(fate)),
    ...labelled(
      'image',
      images.flatMap(({ container, from, to }) => wrapped(`${container}: ${from} -> ${to}`, room)),
    ),
    ...labelled(
      images.length === 0 ? 'changes' : 'also',
      also.length === 0 ? [] : wrapped(listed(also), room),
    ),
  ];
}

const mostPaths = 8;

function listed(paths: readonly string[]): string {
  const more = paths.length - mostPaths;
  return `${paths.slice(0, mostPaths).join(', ')}${more > 0 ? `, and ${more} more` : ''}`;
}

function revisionLines(fate: Planned['fate'] | Fate): readonly Line[] {
  return fate.is === 'held' ? [[span(`${fate.stableRevision} -> ${fate.revision}`)]] : [];
}

function trialLines(trial: Trial, room: number): readonly Line[] {
  const { course, unsplit, problem, touched, unread } = trial;
  const things = touched.map(({ kind, name, how }) => [{ text: `${kind} ${name}` }, { text: how }]);
  const isLate = problem !== undefined;
  return [
    ...labelled('problem', isLate ? wrapped(problem, room, { style: 'bad' }) : []),
    ...(course.steps.length === 0 && isLate ? [] : courseLines(trial, room)),
    ...labelled(
      'unsplit',
      unsplit === undefined ? [] : wrapped(`checked without traffic: ${unsplit}`, room, { style: 'warn' }),
    ),
    ...labelled('touches', touchLines(things, room)),
    ...labelled('not seen', unread.length === 0 ? [] : wrapped(unseen(unread), room, { style: 'warn' })),
  ];
}

function unseen(unread: readonly string[]): string {
  const text = `you may not read ${unread.join(', ')}: more of them may matter`;
  return unread.includes('configmaps')
    ? `${text}, and the steps are without the defaults of the namespace (ConfigMap serin)`
    : text;
}

/** What is wider than the terminal is wrapped under its name: a reason that is cut says nothing. */
function touchLines(
  things: readonly (readonly { readonly text: string }[])[],
  room: number,
): readonly Line[] {
  const longest = Math.max(0, ...things.map(([name]) => name?.text.length ?? 0));
  const beside = room - longest - 2;
  return things.flatMap(([name = { text: '' }, how = { text: '' }]) =>
    beside < 24
      ? [[span(name.text)], ...wrapped(how.text, room, { lead: '  ', style: 'faint' })]
      : wrapped(how.text, room, { lead: `${name.text.padEnd(longest)}  ` }),
  );
}

function courseLines(trial: Trial, room: number): readonly Line[] {
  const { course } = trial;
  return [
    ...labelled('steps', stepLines(trial, room)),
    ...labelled(
      'at best',
      wrapped(
        `all traffic after ${lengthText(course.totalMs)}, and what its pods take to get ready (${lengthText(trial.deadlineMs)} at most)`,
        room,
      ),
    ),
    ...labelled('at worst', wrapped(worst(course), room)),
    ...labelled(
      'gates',
      course.gates.length === 0 ? [] : wrapped(`asked on the way: ${course.gates.join(', ')}`, room),
    ),
    ...labelled('traffic', trafficLines(trial, room)),
  ];
}

function stepLines({ course, traffics, known }: Trial, room: number): readonly Line[] {
  const isSeen = course.steps.some(({ noticed }) => noticed.length > 0);
  const counted = isSeen ? traffics : [];
  const columns: readonly Column[] = [
    { title: 'STEP' },
    { title: 'SHARE' },
    { title: 'FROM' },
    { title: 'LASTS' },
    ...counted.map(({ perSecond }) => ({
      title: 'from' in known ? 'SEES ERRORS FROM' : `${countText(perSecond)}/s`,
    })),
  ];
  const rows = course.steps.map(({ label, share, fromMs, lastsMs, noticed }) => [
    { text: label },
    { text: share },
    { text: lengthText(fromMs) },
    { text: lengthText(lastsMs) },
    ...counted.map((_, index) => ({ text: rateText(noticed[index]) })),
  ]);
  const last = [
    { text: 'promotion' },
    { text: 'all' },
    { text: lengthText(course.totalMs) },
    ...counted.map(() => ({ text: '' })),
  ];
  return tableLines(columns, [...rows, last], room);
}

function rateText(rate: number | null | undefined): string {
  return rate === null || rate === undefined ? '-' : `${Number((100 * rate).toPrecision(2))} %`;
}

function worst({ isCompared, rollbackMs }: Course): string {
  const ways = [
    'at once where its pods break',
    ...(isCompared ? ['at the first scrape that shows it worse than stable'] : []),
    ...(rollbackMs === undefined ? [] : [`after ${lengthText(rollbackMs)} of failed checks`]),
  ];
  return `rolled back ${ways.join(', ')}`;
}

function trafficLines({ traffics, known, course }: Trial, room: number): readonly Line[] {
  if (course.steps.every(({ noticed }) => noticed.length === 0)) return [];
  const [first] = traffics;
  const errors = rateText(first?.errorRate);
  if ('why' in known)
    return wrapped(
      `not known (${known.why}): a column for each number of requests, ${errors} of them errors; --traffic and --errors say it`,
      room,
    );
  return wrapped(
    `${Number((first?.perSecond ?? 0).toPrecision(3))} requests/s, ${errors} of them errors (${known.from})`,
    room,
  );
}
