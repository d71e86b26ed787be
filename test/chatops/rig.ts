// ChatOps with a forge on a socket and an API server in memory, whose webhook stamps what is said with who says it.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { createAccess } from '../../src/chatops/access.ts';
import type { Chatops } from '../../src/chatops/answer.ts';
import type { Said } from '../../src/chatops/event.ts';
import { Follows } from '../../src/chatops/follows.ts';
import { Marked } from '../../src/chatops/marked.ts';
import type { Access, ForgeName, ForgeSettings } from '../../src/chatops/settings.ts';
import { writeCommand } from '../../src/config/asked-command.ts';
import type { Permission, User } from '../../src/kube/access.ts';
import type { WatchEvent } from '../../src/kube/kube.ts';
import { createHttpsFetch } from '../../src/prometheus/https-fetch.ts';
import type { Verb } from '../../src/rollout/command.ts';
import type { MemoryKube } from '../rig/memory-kube.ts';
import { type VirtualClock, virtualClock } from '../rig/virtual-clock.ts';
import { serving, tellingOf } from '../report/serving.ts';
import { ledger, now, revisions, type Shop, states } from '../report/shop.ts';
import { type Forge, shas, token } from './forge.ts';

export const onTrial: Shop = {
  ...{ state: states.onTrial, ledger, weight: 20 },
  annotations: { 'serin.dev/source-revision': shas.merge },
};

export interface Rig {
  readonly chatops: Chatops;
  readonly kube: MemoryKube;
  readonly clock: VirtualClock;
  /** Tells whoever watches. */
  readonly tell: (event: WatchEvent) => void;
  /** What was asked of RBAC, as `ann@acme.example promote shop/web`. */
  readonly asked: string[];
  readonly logged: string[];
  readonly said: (text: string, author?: string) => Said;
}

export interface RigOptions {
  readonly shop?: Shop;
  readonly may?: boolean;
  readonly access?: Access;
  readonly repositories?: ForgeSettings['repositories'];
}

/** A file that is gone when the test is over. */
export function fileOf(t: TestContext, name: string, text: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'serin-chatops-'));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** The people, the shop and the forge. */
export async function rigOf(
  t: TestContext,
  forge: ForgeName,
  server: Forge,
  options: RigOptions = {},
): Promise<Rig> {
  const { shop = onTrial, may = true, repositories = new Map() } = options;
  const clock = virtualClock(now);
  const kube = await serving(shop);
  const tell = tellingOf(kube);
  const [asked, logged]: [string[], string[]] = [[], []];
  const settings: ForgeSettings = {
    api: server.api,
    webhookSecretFile: '/nowhere',
    access: options.access ?? { tokenFile: fileOf(t, 'token', `${token}\n`) },
    people: new Map([['ann', { user: 'ann@acme.example', groups: ['shop'] }]]),
    repositories,
  };
  const log = (about: object, words: string): void => void logged.push(`${JSON.stringify(about)} ${words}`);
  const stop = new AbortController();
  const follows = new Follows();
  t.after(async () => {
    stop.abort();
    await follows.stop();
  });
  const chatops: Chatops = {
    ...{ kube, clock, random: () => 0.5, follows, marked: new Marked(), signal: stop.signal },
    settings: async () => ({ [forge]: settings }),
    open: createAccess({ clock, fetch: createHttpsFetch() }),
    log: { info: log, warn: log } as Chatops['log'],
    mayDo: async (user: User, { verb, resource, namespace, name }: Permission) => {
      asked.push(`${user.username} (${user.groups.join(', ')}) ${verb} ${resource} ${namespace}/${name}`);
      return may;
    },
    as: ({ user }) => ({
      ...{ clock, kube: stampedAs(kube, user) },
      transport: { send: () => Promise.reject(new Error('there is no API server here')) },
    }),
  };
  const said = (text: string, author = 'Ann'): Said => ({
    ...{ forge, repository: 'acme/shop', number: '7', id: '1', author, text, at: now },
    url: 'https://forge.example/acme/shop/7#1',
  });
  return { chatops, kube, clock, tell, asked, logged, said };
}

function stampedAs(kube: MemoryKube, actor: string): MemoryKube {
  const patch: MemoryKube['patch'] = async (resource, namespace, name, change) => {
    if (change.type !== 'merge') throw new Error('a merge patch was to be sent');
    const { metadata } = change.body as {
      readonly metadata: { readonly annotations: { readonly 'serin.dev/command': string } };
    };
    const text = metadata.annotations['serin.dev/command'];
    const { do: verb, ...more } = JSON.parse(text) as { do: Verb; reason?: string };
    const stamp = writeCommand({ v: 1, do: verb, actor, revision: revisions.candidate, ...more });
    const body = { metadata: { ...metadata, annotations: { 'serin.dev/command': stamp } } };
    // By the key that it has here, and not by the uid that it is shown with.
    const stored = { ...body, metadata: { annotations: body.metadata.annotations } };
    return kube.patch(resource, namespace, name, { type: 'merge', body: stored });
  };
  return { ...kube, patch };
}
