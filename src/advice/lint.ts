// Files judged by themselves: all that the webhook would refuse, and what is legal and unwise.
import { parseCanary } from '../config/canary.ts';
import { type Mistake, mistakeText } from '../config/field.ts';
import { parseFloor } from '../config/floor.ts';
import { parseMessages } from '../config/messages.ts';
import { names } from '../kube/objects.ts';
import { objectAt, textAt } from '../routing/json.ts';
import { readDocuments } from './documents.ts';
import type { Finding, Level } from './finding.ts';
import { type Subject, subjectOf, type Text } from './subject.ts';
import { doubtsIn } from './unwise.ts';
import { doubtsAbout } from './unwise-pods.ts';

export interface File {
  readonly name: string;
  readonly text: string;
}

/** Everything there is to say of the files, in their order and the order of their lines. */
export function lint(files: readonly File[]): readonly Finding[] {
  const read = files.map(({ name, text }) => ({ file: name, ...readDocuments(text) }));
  const all = read.flatMap(({ file, items }) =>
    items.flatMap((item) => {
      const subject = subjectOf(item);
      return subject === undefined ? [] : [{ file, subject }];
    }),
  );
  const settings = all.flatMap(({ subject }) => (subject.is === 'settings' ? [subject] : []));
  return read.flatMap(({ file, broken }) => {
    const findings = [
      ...broken.map((each): Finding => ({ file, level: 'error', path: '', ...each })),
      ...all.flatMap((each) => (each.file === file ? found(each.subject, settings, file) : [])),
    ];
    return findings.toSorted((a, b) => a.line - b.line || a.column - b.column);
  });
}

type Settings = Extract<Subject, { is: 'settings' }>;

function found(subject: Subject, settings: readonly Settings[], file: string): readonly Finding[] {
  switch (subject.is) {
    case 'plan':
      return ofPlan(subject.plan, undefined, file);
    case 'settings':
      return ofSettings(subject, file);
    case 'deployment': {
      const { object, item, plan } = subject;
      const namespace = textAt(objectAt(object, 'metadata'), 'namespace') ?? '';
      const defaults = settings.find((each) => each.namespace === namespace);
      const plans = plan.text === undefined ? [] : ofPlan(plan, sound(defaults), file);
      if (plan.text === undefined || plan.text.trim() === 'disabled') return plans;
      const doubts = doubtsAbout(object).map((doubt): Finding => {
        return { file, level: 'warning', ...item.place(doubt.path), ...doubt };
      });
      return [...plans, ...doubts];
    }
  }
}

/** The defaults where nothing is wrong with them: else they are told by themselves. */
function sound(settings: Settings | undefined): string | undefined {
  const text = settings?.texts['canary.yaml'].text;
  return parseCanary(undefined, text).ok === true ? text : undefined;
}

function ofPlan(plan: Text, defaults: string | undefined, file: string): readonly Finding[] {
  const parsed = parseCanary(plan.text, defaults);
  if (parsed.ok === 'disabled') return [];
  if (!parsed.ok) return mistakesAs(parsed.mistakes, plan, names.canary, file);
  const prefix = prefixOf(plan.text);
  return [
    ...parsed.notes.map((note): Finding => {
      const [path = '', ...text] = note.split(': ');
      return { file, level: 'note', path, ...plan.place(path), text: text.join(': ') };
    }),
    ...doubtsIn(parsed.spec).map(({ path, text }): Finding => {
      const whole = `${prefix}${path}`;
      return { file, level: 'warning', path: whole, ...plan.place(whole), text };
    }),
  ];
}

/** Where the plan stands in its document: notes and mistakes say so themselves. */
function prefixOf(text = ''): string {
  const [note] = /^\s*\{"canary":/.exec(text) ?? /^canary:/m.exec(text) ?? [];
  if (note !== undefined) return 'canary.';
  return /"kind":\s*"Canary"|^kind:\s*Canary\s*$/m.test(text) ? 'spec.' : '';
}

function ofSettings({ texts }: Settings, file: string): readonly Finding[] {
  const { 'canary.yaml': canary, 'enforce.yaml': enforce, 'messages.yaml': messages } = texts;
  const defaults = canary.text === undefined ? [] : ofDefaults(canary, file);
  const [floor, receivers] = [parseFloor(enforce.text), parseMessages(messages.text)];
  return [
    ...defaults,
    ...(floor.ok ? [] : mistakesAs(floor.mistakes, enforce, 'enforce.yaml', file)),
    ...(receivers.ok ? [] : mistakesAs(receivers.mistakes, messages, 'messages.yaml', file)),
  ];
}

/** Read as defaults are, which may not switch the canary off. */
function ofDefaults(canary: Text, file: string): readonly Finding[] {
  const parsed = parseCanary(undefined, canary.text);
  if (parsed.ok !== false) return ofPlan(canary, undefined, file);
  const bare = parsed.mistakes.map(({ path, problem }) => ({
    path: path.replace(/^ConfigMap serin(?:: )?/, ''),
    problem,
  }));
  return mistakesAs(bare, canary, 'canary.yaml', file);
}

function mistakesAs(
  mistakes: readonly Mistake[],
  text: Text,
  document: string,
  file: string,
): readonly Finding[] {
  const level: Level = 'error';
  return mistakes.map((mistake) => {
    const { path } = mistake;
    return { file, level, path, ...text.place(path), text: mistakeText(mistake, document) };
  });
}
