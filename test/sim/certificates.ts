// Certificates cost real time (RSA in JavaScript), so a process that simulates makes one set, by production's code, and
// every world begins with it installed.
import { generateKeyPairSync } from 'node:crypto';
import { bundleOf, type Stored } from '../../src/tls/assess.ts';
import { type Entropy, issueAuthority, issueLeaf } from '../../src/tls/issue.ts';
import { webhookNames } from '../../src/processes/parts.ts';
import type { Dice } from './dice.ts';
import { startMs } from './time.ts';

type Keys = Awaited<ReturnType<Entropy['keyPair']>>;

/** More than any one world uses; a key comes to be when a world first asks for it. */
const pool: Keys[] = [];
const poolSize = 8;

function keysAt(index: number): Keys {
  const known = pool[index % poolSize];
  if (known !== undefined) return known;
  const made = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  pool[index % poolSize] = made;
  return made;
}

/** What a world's processes draw on; which key is which run's does not show in anything that a run does. */
export function entropyOf(dice: Dice, first = 2): Entropy {
  let next = first;
  return {
    randomBytes: (size) => Uint8Array.from({ length: size }, () => dice.between(0, 255)),
    keyPair: () => Promise.resolve(keysAt(next++)),
  };
}

const hour = 3_600_000;
const day = 24 * hour;
let fresh: Promise<Stored> | undefined;
let expired: Promise<Stored> | undefined;

/** A CA and a serving certificate as a new installation has them. */
export function freshCertificates(dice: Dice): Promise<Stored> {
  fresh ??= issued(dice, startMs - hour);
  return fresh;
}

/** The same CA, and a serving certificate that is past two thirds of its life. */
export async function agedCertificates(dice: Dice): Promise<Stored> {
  const stored = await freshCertificates(dice);
  expired ??= issueLeaf(
    { cert: stored.caCert, key: stored.caKey },
    names,
    startMs - 25 * day,
    entropyOf(dice, 1),
  ).then((leaf) => ({ ...stored, ...leaf }));
  return expired;
}

/** The caBundle that goes with them. */
export function caBundleOf(stored: Stored): string {
  return Buffer.from(bundleOf(stored, startMs)).toString('base64');
}

const names = webhookNames('serin-system');

async function issued(dice: Dice, at: number): Promise<Stored> {
  const entropy = entropyOf(dice, 0);
  const authority = await issueAuthority(at, entropy);
  return {
    caCert: authority.cert,
    caKey: authority.key,
    ...(await issueLeaf(authority, names, at, entropy)),
  };
}
