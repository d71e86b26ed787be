import { generateKeyPairSync, randomBytes } from 'node:crypto';
import type { Clock } from '../../src/clock.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { SerinError } from '../../src/errors.ts';
import { resources } from '../../src/kube/objects.ts';
import type { Entropy, Pair } from '../../src/tls/issue.ts';
import { keepCertificates } from '../../src/tls/rotate.ts';
import type { Custody } from '../../src/tls/secret.ts';
import { type MemoryKube, memoryKube } from '../rig/memory-kube.ts';

export const start = Date.UTC(2026, 10, 24, 8);
export const day = 86_400_000;
export const dnsNames = ['serin-webhook.serin-system.svc', 'serin-webhook.serin-system.svc.cluster.local'];

/** Small keys, made in milliseconds; each is new, as real ones are. */
export const quickEntropy: Entropy = {
  randomBytes,
  keyPair: () =>
    Promise.resolve(
      generateKeyPairSync('rsa', {
        modulusLength: 1024,
        publicKeyEncoding: { type: 'spki', format: 'pem' },
        privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      }),
    ),
};

/** What the time is; tests move it. */
export interface Time {
  now: number;
}

/** What a replica at `time` is given, against `kube`. */
export function custodyOf(kube: Kube, clock: Clock, entropy = quickEntropy): Custody {
  return {
    kube,
    clock,
    entropy,
    namespace: 'serin-system',
    secretName: 'serin-certs',
    webhookConfiguration: 'serin',
    dnsNames,
  };
}

export function stoppedClock(time: Time): Clock {
  return { now: () => time.now, sleep: () => Promise.resolve() };
}

/** Creates the webhook configuration with the webhooks of that many names, trusting nobody. */
export async function installWebhooks(kube: Kube, webhooks: readonly string[]): Promise<void> {
  await kube.create(resources.mutatingWebhooks, undefined, {
    metadata: { name: 'serin' },
    webhooks: webhooks.map((name) => ({ name, clientConfig: { service: { name: 'serin-webhook' } } })),
  });
}

/** The PEM that each webhook trusts. */
export async function trustedBundles(kube: Kube): Promise<string[]> {
  const found = await kube.get(resources.mutatingWebhooks, undefined, 'serin');
  const webhooks = (found?.['webhooks'] ?? []) as unknown as { clientConfig: { caBundle?: string } }[];
  return webhooks.map(({ clientConfig }) => Buffer.from(clientConfig.caBundle ?? '', 'base64').toString());
}

/** The Secret's data, decoded. */
export async function secretData(kube: Kube): Promise<Record<string, string>> {
  const secret = await kube.get(resources.secrets, 'serin-system', 'serin-certs');
  const data = (secret?.['data'] ?? {}) as Record<string, string>;
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, Buffer.from(value, 'base64').toString()]),
  );
}

/** Two, so that a change to the first alone is seen. */
export const webhooks = ['hold.serin.dev', 'guard.serin.dev'];
/** When two thirds of the CA's life are over, counted from `start`. */
export const caDue = start + 250 * day;

/** An API server where Serin was just installed. */
export async function cluster(): Promise<MemoryKube> {
  const kube = memoryKube();
  await installWebhooks(kube, webhooks);
  kube.writes.length = 0;
  return kube;
}

/** For `before`: answers that kind of call with 403. */
export const forbid =
  (verb: string, plural: string) =>
  (call: { verb: string; plural: string }): void => {
    if (call.verb === verb && call.plural === plural)
      throw new SerinError('KUBE_FORBIDDEN', `cannot ${verb} ${plural}`);
  };

/** A PEM as Node writes it: forge ends lines with CR LF. */
export const pem = (text: string | undefined): string => (text ?? '').replaceAll('\r', '');

/** Changes keys of the Secret as a person would. */
export async function writeSecret(kube: MemoryKube, data: Record<string, string | null>): Promise<void> {
  const encoded = Object.entries(data).map(([key, text]) => [
    key,
    text === null ? null : Buffer.from(text).toString('base64'),
  ]);
  const body = { data: Object.fromEntries(encoded) as Record<string, string | null> };
  await kube.patch(resources.secrets, 'serin-system', 'serin-certs', { type: 'merge', body });
}

/** What a hand can do to the Secret. */
export const damages: Record<string, Record<string, string | null>> = {
  'a key that cannot be read': { 'tls.key': 'garbage' },
  'a certificate that cannot be read': { 'tls.crt': 'garbage' },
  'a missing key': { 'tls.key': null },
  'a CA that cannot be read': { 'ca.crt': 'garbage' },
};

export interface Replica {
  /** Every pair it began to serve. */
  readonly served: Pair[];
  readonly logged: string[];
  /** Lets it run until it sleeps again; resolves with how long it wants to sleep. */
  turn(): Promise<number>;
  stop(): Promise<void>;
}

interface ReplicaOptions {
  readonly onPair?: (pair: Pair) => void;
  readonly entropy?: Entropy;
  readonly isExternal?: boolean;
}

/** A replica that keeps its certificates in `kube`, one poll at a time. */
export function replica(
  kube: Kube,
  time: Time,
  { onPair, entropy, isExternal = false }: ReplicaOptions = {},
): Replica {
  const abort = new AbortController();
  let asleep = Promise.withResolvers<number>();
  let wake = (): void => undefined;
  const clock: Clock = {
    now: () => time.now,
    sleep: (ms) =>
      new Promise((resolve) => {
        wake = resolve;
        asleep.resolve(ms);
      }),
  };
  const served: Pair[] = [];
  const logged: string[] = [];
  const note = (fields: object, message: string): void => {
    logged.push(`${message} ${JSON.stringify(fields, (_, value: unknown) => plain(value))}`);
  };
  const run = (): Promise<void> =>
    keepCertificates(
      {
        ...custodyOf(kube, clock, entropy),
        isExternal,
        random: () => 1,
        news: { pause: (ms) => clock.sleep(ms) },
        log: { info: note, warn: note },
        onPair: (pair) => {
          onPair?.(pair);
          served.push(pair);
        },
      },
      abort.signal,
    );
  let running: Promise<void> | undefined;
  return {
    served,
    logged,
    turn: () => {
      asleep = Promise.withResolvers<number>();
      if (running === undefined) running = run();
      else wake();
      return asleep.promise;
    },
    stop: async () => {
      abort.abort();
      wake();
      await running;
    },
  };
}

function plain(value: unknown): unknown {
  return value instanceof Error ? value.message : value;
}
