// Who hears of rollouts: the settings of a namespace (docs/messages.md).
import { severities, type Severity } from '../rollout/alert.ts';
import { readDocument } from './document.ts';
import { Field, type Findings, type Mistake } from './field.ts';
import { checkNames } from './known.ts';
import { secretNameOf } from './provider.ts';
import * as schema from './schema.ts';

export const receiverTypes = ['slack', 'msteams', 'discord', 'googlechat', 'webhook', 'cloudevents'] as const;

export type ReceiverType = (typeof receiverTypes)[number];

/** A place that messages are sent to; where it is stands in its Secret. */
export interface Receiver {
  readonly name: string;
  readonly type: ReceiverType;
  /** The least it hears of. */
  readonly severity: Severity;
  /** Of the namespace of these settings. */
  readonly secretName: string;
  /** True where it hears only of Deployments whose plan names it. */
  readonly onlyNamed: boolean;
  /** Of Slack with a token. */
  readonly channel?: string;
  /** Of CloudEvents. */
  readonly mode: 'structured' | 'binary';
}

export interface MessageSettings {
  readonly receivers: readonly Receiver[];
  /** What every message links to, with {{ namespace }}, {{ name }} and {{ revision }}. */
  readonly linkTemplate?: string;
  /** What this cluster is called. */
  readonly cluster?: string;
}

export type ParsedMessages =
  | { readonly ok: true; readonly settings: MessageSettings }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/** Reads `messages.yaml` of ConfigMap `serin`; nobody hears of anything where it is absent. Reports every mistake at once. */
export function parseMessages(text: string | undefined): ParsedMessages {
  const read = readDocument(text ?? '');
  if ('problem' in read) return { ok: false, mistakes: [{ path: '', problem: read.problem }] };
  const findings: Findings = { mistakes: [], notes: [] };
  const root = new Field('', read.value, findings);
  checkNames(root, schema.messages);
  const receivers = receiversOf(root.at('receivers'));
  const linkTemplate = linkOf(root.at('linkTemplate'));
  const cluster = root.at('cluster').text();
  const settings = {
    receivers,
    ...(linkTemplate === undefined ? {} : { linkTemplate }),
    ...(cluster === undefined ? {} : { cluster }),
  };
  return findings.mistakes.length === 0 ? { ok: true, settings } : { ok: false, mistakes: findings.mistakes };
}

function receiversOf(field: Field): readonly Receiver[] {
  const receivers = field.items()?.flatMap(receiverOf) ?? [];
  for (const [index, { name }] of receivers.entries())
    if (receivers.findIndex((each) => each.name === name) < index)
      field.report(`names ${name} twice: give each a name of its own`);
  return receivers;
}

function receiverOf(field: Field): readonly Receiver[] {
  checkNames(field, schema.receiver);
  field.required('a receiver');
  if (!field.isMap) return [];
  for (const key of ['name', 'type'] as const) field.at(key).required(`the ${key} of the receiver`);
  field.at('secretRef').required('the Secret that says where it is');
  const type = typeOf(field.at('type'));
  const [name, secretName] = [field.at('name').text(), secretNameOf(field.at('secretRef'))];
  const channel = field.at('channel').text();
  const mode = field.at('mode').choice(['structured', 'binary']) ?? 'structured';
  if (type !== undefined && type !== 'slack' && channel !== undefined)
    field.at('channel').report(`is not taken by ${type}: its address leads to one place`);
  if (type !== undefined && type !== 'cloudevents' && field.at('mode').isGiven)
    field.at('mode').report(`is not taken by ${type}`);
  const severity = field.at('severity').choice(severities) ?? 'info';
  const onlyNamed = field.at('onlyNamed').flag() ?? false;
  if (name === undefined || type === undefined || secretName === undefined) return [];
  return [
    { name, type, severity, secretName, onlyNamed, mode, ...(channel === undefined ? {} : { channel }) },
  ];
}

/** `gchat` is what Flagger calls it. */
function typeOf(field: Field): ReceiverType | undefined {
  return field.value === 'gchat' ? 'googlechat' : field.choice(receiverTypes);
}

const placeholder = /\{\{\s*(.*?)\s*\}\}/g;
const filled = ['namespace', 'name', 'revision'];

function linkOf(field: Field): string | undefined {
  const text = field.text();
  if (text === undefined) return undefined;
  const unknown = [...text.matchAll(placeholder)].find(([, name = '']) => !filled.includes(name));
  if (unknown !== undefined) return field.report(`${unknown[0]} is not filled in; ${filled.join(', ')} are`);
  const url = URL.parse(text.replaceAll(placeholder, 'x'));
  if (url === null || !/^https?:$/.test(url.protocol)) return field.report('is no URL of http or https');
  if (url.username !== '' || url.password !== '')
    return field.report('holds a password, which all would see');
  return text;
}

/** The address that a message about a Deployment links to. */
export function linkTo(
  { linkTemplate }: MessageSettings,
  about: { readonly namespace: string; readonly name: string; readonly revision: string },
): string | undefined {
  return linkTemplate?.replaceAll(placeholder, (_, name: keyof typeof about) =>
    encodeURIComponent(about[name]),
  );
}
