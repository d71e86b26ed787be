// What receivers of messages are told: what the Events tell, with what the Deployment and the settings say besides.
import { parseCanary } from '../config/canary.ts';
import { readState } from '../config/state.ts';
import { type KubeObject, names } from '../kube/objects.ts';
import type { News } from '../notify/compose.ts';
import type { Messages, Told } from '../notify/messages.ts';
import { objectAt, textAt } from '../routing/json.ts';
import type { Hands } from './act.ts';
import type { Copies } from './copies.ts';

/** Where messages are made from, and the copies that say who hears them. */
export interface Telling {
  readonly messages: Messages;
  readonly copies: Pick<Copies, 'settings' | 'deployments'>;
  /** Serin's own namespace. */
  readonly home: string;
}

/** What `act` tells of each Event. */
export function messageTeller(telling: Telling): NonNullable<Hands['tellMessages']> {
  return ({ main, spec, state: before }, { state, telling: event, at }) => {
    const { namespace = '' } = main.metadata;
    telling.messages.tell({ main, spec, before, state, telling: event, at }, settingsOf(telling, namespace));
  };
}

/** Tells the ends that a process before this one did not come to tell; nothing is read where nobody is to hear anything. */
export async function resumeMessages(telling: Telling, now: () => number): Promise<void> {
  const { messages, copies } = telling;
  const isAnybody = copies.settings.list().some((each) => textOf(each) !== undefined);
  if (!isAnybody) return;
  await messages.resume((namespace, name) => {
    const main = copies.deployments.get(namespace, name);
    const news = main === undefined ? undefined : standing(telling, main, now());
    return news === undefined ? undefined : { news, settings: settingsOf(telling, namespace) };
  });
}

/** How a Deployment is, as if that were news. */
function standing({ copies }: Telling, main: KubeObject, at: number): News | undefined {
  const { annotations, namespace = '' } = main.metadata;
  const state = readState(annotations);
  const defaults = textAt(copies.settings.get(namespace, 'serin')?.['data'], 'canary.yaml');
  const parsed = parseCanary(annotations?.[names.canary], defaults);
  const plain = parsed.ok === true ? parsed : parseCanary(undefined);
  if (state === undefined || 'corrupt' in state || plain.ok !== true) return undefined;
  const message = 'message' in state ? (state.message ?? '') : '';
  const telling = { type: 'Normal', reason: '', message } as const;
  return { main, spec: plain.spec, before: state, state, telling, at };
}

function settingsOf({ copies, home }: Telling, namespace: string): Told {
  const of = (where: string): Told['own'] => {
    return { namespace: where, text: textOf(copies.settings.get(where, 'serin')) };
  };
  return { own: of(namespace), home: of(home) };
}

function textOf(settings: KubeObject | undefined): string | undefined {
  return textAt(objectAt(settings, 'data'), 'messages.yaml');
}
