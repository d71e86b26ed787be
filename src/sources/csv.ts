// Sticky and without a choice, so that each character of a hostile answer is looked at once.
const field = /(?:"([^"]*(?:""[^"]*)*)"?)?([^,\r\n]*)(,|\r?\n|\r|$)/y;

/** The rows of a CSV text (RFC 4180: quoted fields may hold commas, quotes and line ends); an empty line is one empty field. */
export function csvRows(text: string): readonly (readonly string[])[] {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  while (at < text.length || row.length > 0) {
    field.lastIndex = at;
    const [whole, quoted = '', plain = '', end] = field.exec(text) ?? [text.slice(at)];
    row.push(quoted.replaceAll('""', '"') + plain);
    at += whole.length;
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}
