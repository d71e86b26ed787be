// What may be shown of a call: in events, states and logs, where many read.
import { hidden } from '../prometheus/credentials.ts';

const longestLine = 300;
/** Of what was read, less is looked at: a secret that stands where reading ended is there in part and not found. */
const mostLooked = 8 * 1024;

/** Host and path alone: user, password and query may hold keys. */
export function whereOf(address: string): string {
  const url = URL.parse(address);
  return url === null ? 'the url' : `${url.host}${url.pathname}`;
}

/** What may be secret in an address: as it is written there, and as it is sent. */
export function secretsIn(url: URL): readonly string[] {
  const written = [url.username, url.password, ...url.search.slice(1).split(/[&=]/)];
  const sent = [...url.searchParams.values(), decoded(url.username), decoded(url.password)];
  const basic = Buffer.from(`${decoded(url.username)}:${decoded(url.password)}`).toString('base64');
  return [url.search, ...written, ...sent, ...(url.username === '' ? [] : [basic])];
}

/** The text with every secret taken out; servers repeat what they were sent. */
export function withoutSecrets(text: string, secrets: readonly string[]): string {
  return hidden(text, { secrets });
}

/** The first words of what was said, as one line without anything that is not text. */
export function line(said: string): string {
  const words = said
    .slice(0, mostLooked)
    .replaceAll(/[\s\p{Cc}\p{Cf}\p{Co}\p{Cs}]+/gu, ' ')
    .trim();
  const letters = Array.from(words);
  return letters.length > longestLine ? `${letters.slice(0, longestLine - 1).join('')}…` : words;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
