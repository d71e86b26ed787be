import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Entropy, issueAuthority, issueLeaf } from './issue.ts';

/**
 * Writes ca.crt, tls.crt and tls.key for local development into `outDir`, over those of an earlier run, and says so
 * in a sentence. The key of the CA is thrown away: nothing else can be signed with it.
 */
export async function writeLocal(
  outDir: string,
  dnsNames: readonly string[],
  now: number,
  entropy: Entropy,
): Promise<string> {
  const authority = await issueAuthority(now, entropy);
  const leaf = await issueLeaf(authority, dnsNames, now, entropy);
  await mkdir(outDir, { recursive: true });
  await writeFile(join(outDir, 'ca.crt'), authority.cert);
  await writeFile(join(outDir, 'tls.crt'), leaf.cert);
  const key = join(outDir, 'tls.key');
  await writeFile(key, leaf.key, { mode: 0o600 });
  // The mode of writeFile holds for a new file only.
  await chmod(key, 0o600);
  return `Wrote ca.crt, tls.crt and tls.key for ${dnsNames.join(', ')} to ${outDir}.`;
}
