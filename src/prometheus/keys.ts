import type { Clock } from '../clock.ts';
import { hasCode, messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import { objectAt } from '../routing/json.ts';
import type { Failed } from './answers.ts';
import { type Credentials, credentialsIn, type SecretData } from './credentials.ts';

/** Where the credentials of a source come from; they may change at any time. */
export interface Keys {
  current(): Promise<Credentials | Failed>;
  /** What is to be tried instead of what the source refused; undefined where there is nothing newer. */
  newerThan(refused: Credentials): Promise<Credentials | undefined>;
}

/** Credentials that never change. */
export function fixedKeys(credentials: Credentials): Keys {
  return { current: () => Promise.resolve(credentials), newerThan: () => Promise.resolve(undefined) };
}

export interface SecretPlace {
  readonly kube: Pick<Kube, 'get'>;
  readonly clock: Clock;
  readonly namespace: string;
  readonly name: string;
}

/** A Secret that was rotated is noticed this soon, or sooner where the source refuses the old one. */
const freshMs = 60_000;
/** Many rollouts are refused at once: one look will do for all of them. */
const pauseMs = 5_000;

interface Held {
  readonly at: number;
  readonly version?: string;
  readonly read: Credentials | Failed;
}

/** The credentials in a Secret, read again when they may have changed. What cannot be read is told, never thrown. */
export function secretKeys(place: SecretPlace): Keys {
  const { clock } = place;
  let held: Held | undefined;
  let reading: Promise<Held> | undefined;
  const renewed = async (): Promise<Held> => {
    reading ??= readHeld(place, held).finally(() => (reading = undefined));
    held = await reading;
    return held;
  };
  const ageMs = (): number => (held === undefined ? Infinity : clock.now() - held.at);
  return {
    async current() {
      const lasts = held !== undefined && isFailed(held.read) ? pauseMs : freshMs;
      return (held === undefined || ageMs() >= lasts ? await renewed() : held).read;
    },
    async newerThan(refused) {
      const { read } =
        held === undefined || (held.read === refused && ageMs() >= pauseMs) ? await renewed() : held;
      return isFailed(read) || read === refused ? undefined : read;
    },
  };
}

async function readHeld(place: SecretPlace, before: Held | undefined): Promise<Held> {
  const { namespace, name, clock } = place;
  const at = clock.now();
  const where = `Secret ${namespace}/${name}`;
  const failed = (why: string): Held => ({ at, read: { kind: 'error', why: `${where}${why}` } });
  try {
    const secret = await place.kube.get(resources.secrets, namespace, name);
    if (secret === undefined) return failed(' is not there');
    const version = secret.metadata.resourceVersion;
    if (before?.version === version) return { ...before, at };
    const read = credentialsIn(secretData(secret));
    return read.ok ? { at, version, read: read.credentials } : failed(`: ${read.why}`);
  } catch (error: unknown) {
    if (hasCode(error, 'KUBE_FORBIDDEN')) return failed(' may not be read: name it in Serin’s Role');
    // What was right a minute ago is more likely right than nothing.
    return before === undefined ? failed(`: ${messageOf(error)}`) : { ...before, at };
  }
}

/** What a Secret holds. */
export function secretData(secret: KubeObject): SecretData {
  const entries = Object.entries(objectAt(secret, 'data'));
  return Object.fromEntries(
    entries.flatMap(([key, value]) =>
      typeof value === 'string' ? [[key, Buffer.from(value, 'base64').toString('utf8')]] : [],
    ),
  );
}

function isFailed(read: Credentials | Failed): read is Failed {
  return 'kind' in read;
}
