import type { Measured } from '../rollout/types.ts';
import { textAt } from '../routing/json.ts';
import { csvRows } from './csv.ts';
import { jsonIn } from '../prometheus/json.ts';
import { manyValues, notOfTheApi } from './points.ts';
import type { Provider } from './provider.ts';

/** https://docs.influxdata.com/influxdb/v2/api/#operation/PostQuery; the query is Flux, and says its own range. */
export const influxdb: Provider = {
  secretKeys: ['token', 'org'],
  request(address, { query, secret }) {
    const url = new URL(`${address}/api/v2/query`);
    url.searchParams.set('org', secret['org'] ?? '');
    const headers = {
      accept: 'application/csv',
      authorization: `Token ${secret['token'] ?? ''}`,
      'content-type': 'application/json',
    };
    const dialect = { header: true, annotations: [], delimiter: ',' };
    return { url, method: 'POST', headers, body: JSON.stringify({ query, type: 'flux', dialect }) };
  },
  read(body) {
    const tables = body.trim() === '' ? [] : tablesIn(body);
    const broken = tables.flatMap(({ header, rows }) => {
      const at = header.indexOf('error');
      return at === -1 ? [] : rows.map((row) => row[at] ?? '');
    })[0];
    if (broken !== undefined) return { kind: 'error', why: broken };
    if (tables.some(({ header }) => !header.includes('_value'))) return notOfTheApi;
    const values = tables.flatMap(({ header, rows }) =>
      rows.map((row) => row[header.indexOf('_value')] ?? ''),
    );
    return onlyNumber(values);
  },
  complaint: (body) => textAt(jsonIn(body), 'message'),
};

interface Table {
  readonly header: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** Tables come one after the other, an empty line between them, each with a header of its own. */
function tablesIn(body: string): readonly Table[] {
  const tables: { header: readonly string[]; rows: (readonly string[])[] }[] = [];
  let begins = true;
  for (const row of csvRows(body)) {
    if (row.length === 1 && row[0] === '') begins = true;
    else if (row[0]?.startsWith('#') === true) continue;
    else if (begins) {
      tables.push({ header: row, rows: [] });
      begins = false;
    } else tables.at(-1)?.rows.push(row);
  }
  return tables;
}

function onlyNumber(values: readonly string[]): Measured {
  if (values.length > 1) return manyValues(values.length);
  const [text] = values;
  if (text === undefined || text === '' || text === 'NaN')
    return { kind: 'absent', why: 'the query gives no value' };
  const value = Number(text);
  if (Number.isFinite(value)) return { kind: 'value', value };
  return { kind: 'error', why: 'the query gives something that is no number' };
}
