import { readFile } from 'node:fs/promises';
import { createAccess } from '../chatops/access.ts';
import { announce } from '../chatops/announce.ts';
import { answer, type Chatops } from '../chatops/answer.ts';
import { Follows } from '../chatops/follows.ts';
import { Seen } from '../chatops/seen.ts';
import { createChatopsServer } from '../chatops/server.ts';
import { Marked } from '../chatops/marked.ts';
import { parseSettings, type Settings } from '../chatops/settings.ts';
import type { Command } from '../config/command.ts';
import { messageOf, SerinError } from '../errors.ts';
import { Lanes } from '../gates/lanes.ts';
import { createMayDo } from '../kube/access.ts';
import { createKube } from '../kube/client.ts';
import { impersonating } from '../kube/impersonate.ts';
import type { Transport } from '../kube/transport.ts';
import type { Parts } from './parts.ts';

type ChatopsCommand = Extract<Command, { kind: 'chatops' }>;

/** Answers comments of the forges until `signal` aborts; throws CONFIG_INVALID where the settings cannot be followed. */
export async function runChatops(
  parts: Parts,
  transport: Transport,
  { settings: file, port }: ChatopsCommand,
  signal: AbortSignal,
): Promise<void> {
  const { clock, log, metrics } = parts;
  // Read anew each time: who is taken out of it may do nothing from then on.
  const settings = (): Promise<Settings> => readSettings(file);
  await settings();
  const follows = new Follows();
  const chatops: Chatops = {
    ...parts,
    ...{ settings, follows, signal, marked: new Marked() },
    open: createAccess(parts),
    mayDo: createMayDo(parts.kube, clock),
    as: (who) => {
      const theirs = impersonating(transport, who);
      return { transport: theirs, kube: createKube(theirs, clock), clock: parts.serverClock };
    },
  };
  const lanes = new Lanes();
  const app = createChatopsServer({
    ...{ settings, log },
    seen: new Seen(clock),
    take: (said) => lanes.add(`${said.forge} ${said.repository} ${said.number}`, () => answer(chatops, said)),
    metrics: () => metrics.registry.metrics(),
    ready: () => !signal.aborted,
  });
  await parts.listen(app, port);
  const announcing = announce({ ...chatops, clock: parts.serverClock }, signal).catch((error: unknown) =>
    log.error({ why: messageOf(error) }, 'commits get no status but by comments'),
  );
  if (!signal.aborted)
    await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
  await app.close();
  await Promise.all([follows.stop(), announcing]);
}

async function readSettings(file: string): Promise<Settings> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new SerinError('CONFIG_INVALID', `--settings: ${messageOf(cause)}`, { cause });
  });
  const parsed = parseSettings(text);
  if (!('mistakes' in parsed)) return parsed;
  throw new SerinError('CONFIG_INVALID', `${file}: ${parsed.mistakes.join('; ')}`);
}
