// Text from anywhere in a comment, so that nothing in it is a link, a mention, HTML or a command of the forge's own.

/** Forges take 65,536 characters (GitHub) and more. */
const most = 60_000;

/** The text as it is written, in a block that no text can end. */
export function block(text: string): string {
  const cut = text.length > most ? `${text.slice(0, most)}…` : text;
  const longest = Math.max(2, ...[...cut.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence}text\n${cut.replaceAll('\r', '').trimEnd()}\n${fence}`;
}

/** A name that is known to hold nothing but letters, digits and `-./`, as code. */
export function code(name: string): string {
  return `\`${name.replaceAll(/[^\w./:-]/g, '')}\``;
}
