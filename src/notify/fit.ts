/** How one letter (a code point) is written so that a service shows it and does nothing else. */
export type Escape = (letter: string) => string;

const plain: Escape = (letter) => letter;

/** What is no text: controls, and what turns the reading direction or hides. */
const noText = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]+/gu;

/**
 * The text as one line of at most `most` letters, escaped; services count letters differently, UTF-16 is the most they come
 * to. What is cut ends in an ellipsis, and no escape is cut in two; nothing at all is a dash, since no service takes an empty text.
 */
export function fit(text: string, most: number, escape: Escape = plain): string {
  const words = text
    .slice(0, 4 * most)
    .replaceAll(noText, ' ')
    .trim();
  let all = '';
  let short = '';
  for (const letter of words) {
    const written = escape(letter);
    if (all.length + written.length > most) return `${short.trimEnd()}…`;
    all += written;
    if (all.length < most) short = all;
  }
  if (text.length > 4 * most) return `${short.trimEnd()}…`;
  return all === '' ? escape('-') : all;
}

/** Slack's three (https://docs.slack.dev/messaging/formatting-message-text), which are those of Google Chat's cards, too. */
const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

export const asEntities: Escape = (letter) => entities[letter] ?? letter;

/** Everything that Discord's Markdown gives a meaning to. */
export const asMarkdown: Escape = (letter) =>
  /[\\*_~`|>#\-[\]()@<:+.!]/.test(letter) ? `\\${letter}` : letter;
