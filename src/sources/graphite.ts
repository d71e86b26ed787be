import { isList, isObject, listAt } from '../routing/json.ts';
import { jsonIn } from '../prometheus/json.ts';
import { newestWhole, notOfTheApi, numberIn, onlySeries, type Point } from './points.ts';
import type { Provider } from './provider.ts';

/** https://graphite.readthedocs.io/en/latest/render_api.html; the query is that of its URL: `target=...`. */
export const graphite: Provider = {
  secretKeys: [],
  request(address, { query, lookBackMs }) {
    const url = new URL(`${address}/render`);
    const asked = new URLSearchParams(query.replaceAll(/\s+/g, ' ').trim());
    if (!asked.has('target')) return { kind: 'error', why: 'the query has no target=' };
    // Without it Graphite answers a whole day.
    if (!asked.has('from')) asked.set('from', `-${Math.max(1, Math.ceil(lookBackMs / 1000))}s`);
    asked.set('format', 'json');
    url.search = asked.toString();
    return { url, method: 'GET', headers: { accept: 'application/json' } };
  },
  read(body, question) {
    const json = jsonIn(body);
    if (!isList(json)) return notOfTheApi;
    const series = onlySeries(json.filter(isObject));
    if (!('one' in series)) return series;
    const points = listAt(series.one, 'datapoints').map((pair): Point => {
      const [value, seconds] = isList(pair) ? pair : [];
      return { at: 1000 * (numberIn(seconds) ?? 0), value: numberIn(value) };
    });
    return newestWhole(points, stepOf(points), question);
  },
};

/** The length of a bucket is told by nothing but the distance of the points. */
function stepOf([first, second]: readonly Point[]): number {
  return first === undefined || second === undefined ? 0 : second.at - first.at;
}
