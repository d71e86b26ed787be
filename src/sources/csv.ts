/** The rows of a CSV text (RFC 4180: quoted fields may hold commas, quotes and line ends); an empty line is one empty field. */
export function csvRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  // A field, and what ends it.
  for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/g)) {
    row.push(quoted?.replaceAll('""', '"') ?? plain);
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  // The end of the text is matched once more, behind the last line's end.
  return rows.at(-1)?.join('') === '' ? rows.slice(0, -1) : rows;
}
