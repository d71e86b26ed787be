import type { JsonObject, Measured } from '../rollout/types.ts';
import { isList, isObject, listAt, numberAt, textAt } from '../routing/json.ts';
import { jsonIn } from '../prometheus/json.ts';
import { newestWhole, notOfTheApi, numberIn, onlySeries, type Point } from './points.ts';
import type { Provider, Question } from './provider.ts';

/** https://docs.datadoghq.com/api/latest/metrics/#query-timeseries-points */
export const datadog: Provider = {
  address: 'https://api.datadoghq.com',
  secretKeys: ['datadog_api_key', 'datadog_application_key'],
  request(address, { query, secret, now, lookBackMs }) {
    const url = new URL(`${address}/api/v1/query`);
    url.searchParams.set('from', String(Math.floor((now - lookBackMs) / 1000)));
    url.searchParams.set('to', String(Math.floor(now / 1000)));
    url.searchParams.set('query', query.replaceAll(/\s+/g, ' ').trim());
    const headers = {
      accept: 'application/json',
      'dd-api-key': secret['datadog_api_key'] ?? '',
      'dd-application-key': secret['datadog_application_key'] ?? '',
    };
    return { url, method: 'GET', headers };
  },
  read(body, question) {
    const json = jsonIn(body);
    if (!isObject(json) || !isList(json['series'])) {
      const why = datadog.complaint?.(body);
      return why === undefined ? notOfTheApi : { kind: 'error', why };
    }
    // A query it cannot follow is answered with 200, too.
    if (textAt(json, 'status') === 'error') return { kind: 'error', why: textAt(json, 'error') ?? 'refused' };
    const series = onlySeries(json['series'].filter(isObject));
    return 'one' in series ? valueIn(series.one, question) : series;
  },
  complaint(body) {
    const json = jsonIn(body);
    return textAt(json, 'error') ?? (listAt(json, 'errors').map(String).join('; ') || undefined);
  },
};

function valueIn(series: JsonObject, question: Question): Measured {
  const points = listAt(series, 'pointlist').map((pair): Point => {
    const [at, value] = isList(pair) ? pair : [];
    return { at: numberIn(at) ?? 0, value: numberIn(value) };
  });
  return newestWhole(points, 1000 * (numberAt(series, 'interval') ?? 0), question);
}
