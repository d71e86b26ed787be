import { mistakeText } from '../config/field.ts';
import { type MessageSettings, parseMessages, type Receiver } from '../config/messages.ts';
import { type Alert, severities, type Severity } from '../rollout/alert.ts';

/** The settings (text of `messages.yaml`) of one namespace. */
export interface Settings {
  readonly namespace: string;
  readonly text: string | undefined;
}

/** A receiver that hears of a Deployment. */
export interface Listener {
  readonly receiver: Receiver;
  /** Of its settings, in which its Secret is. */
  readonly namespace: string;
  readonly settings: MessageSettings;
  /** The least it hears of. */
  readonly severity: Severity;
}

export interface Chosen {
  readonly listeners: readonly Listener[];
  /** What is wrong, a sentence each. */
  readonly mistakes: readonly string[];
}

interface Read extends Settings {
  readonly settings: MessageSettings;
}

/** Who hears of a Deployment whose plan says `alerts`: of its own namespace's receivers and of those of Serin's (`home`). */
export function chosen(own: Settings, home: Settings, alerts: readonly Alert[] | undefined): Chosen {
  const mistakes: string[] = [];
  const isHome = own.namespace === home.namespace;
  const [mine, everybodys] = [readSettings(own, mistakes), isHome ? undefined : readSettings(home, mistakes)];
  const all = everybodys === undefined ? [mine] : [mine, everybodys];
  const usual = (alerts === undefined ? all : all.slice(1)).flatMap((read) =>
    listenersOf(read).filter(({ receiver }) => !receiver.onlyNamed),
  );
  const named = (alerts ?? []).flatMap((alert) => {
    const found = all.flatMap((read) => listenersOf(read)).find((each) => isMeant(each, alert));
    if (found !== undefined) {
      // Who hears of it anyway hears of no less for being named.
      const hearsAnyway = usual.some((each) => keyOf(each) === keyOf(found));
      const isLess = hearsAnyway && hears(found.severity, alert.severity);
      return [isLess ? found : { ...found, severity: alert.severity }];
    }
    // What cannot be read may well have it.
    if (mistakes.length === 0) mistakes.push(unknown(alert, all));
    return [];
  });
  const isNamed = (each: Listener): boolean => named.some((other) => keyOf(other) === keyOf(each));
  return { listeners: [...named, ...usual.filter((each) => !isNamed(each))], mistakes };
}

/** What tells a receiver from all others. */
export function keyOf({ namespace, receiver }: Pick<Listener, 'namespace' | 'receiver'>): string {
  return `${namespace}/${receiver.name}`;
}

/** True where a message of that severity is for who hears of `least`. */
export function hears(least: Severity, severity: Severity): boolean {
  return severities.indexOf(severity) >= severities.indexOf(least);
}

function listenersOf({ namespace, settings }: Read): readonly Listener[] {
  return settings.receivers.map((receiver) => ({
    receiver,
    namespace,
    settings,
    severity: receiver.severity,
  }));
}

function isMeant({ receiver, namespace }: Listener, alert: Alert): boolean {
  return receiver.name === alert.receiver && (alert.namespace ?? namespace) === namespace;
}

function unknown({ receiver, namespace }: Alert, all: readonly Read[]): string {
  const where = namespace ?? all.map((read) => read.namespace).join(' or ');
  return `analysis.alerts names ${receiver}, which is no receiver of ConfigMap serin (messages.yaml) of namespace ${where}`;
}

const nobody: MessageSettings = { receivers: [] };

function readSettings({ namespace, text }: Settings, mistakes: string[]): Read {
  const parsed = parseMessages(text);
  if (parsed.ok) return { namespace, text, settings: parsed.settings };
  const document = `ConfigMap ${namespace}/serin, messages.yaml`;
  mistakes.push(...parsed.mistakes.map((each) => `${document}: ${mistakeText(each, 'it')}`));
  return { namespace, text, settings: nobody };
}
