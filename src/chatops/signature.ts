// Whether a webhook comes from whom it says: compared in constant time, with secrets that are read anew each time.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** A secret that can be guessed is none. */
const leastOfSecret = 16;

type Header = string | readonly string[] | undefined;

/** GitHub's `X-Hub-Signature-256`: HMAC-SHA256 of the body. The older one, SHA-1, is not looked at. */
export function isSignedByGithub(secret: string, body: Uint8Array, header: Header): boolean {
  const [, said] = typeof header === 'string' ? (/^sha256=([0-9a-f]{64})$/.exec(header) ?? []) : [];
  const right = createHmac('sha256', secret).update(body).digest();
  const shown = Buffer.from(said ?? '', 'hex');
  return secret.length >= leastOfSecret && shown.length === right.length && timingSafeEqual(shown, right);
}

/** GitLab's `X-Gitlab-Token`: the secret itself. Hashes are compared, so that not even its length is told. */
export function isTokenOfGitlab(secret: string, header: Header): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest();
  const isSame = timingSafeEqual(hash(typeof header === 'string' ? header : ''), hash(secret));
  return secret.length >= leastOfSecret && isSame;
}
