import { isObject, listAt, textAt } from '../routing/json.ts';
import { jsonIn } from '../prometheus/json.ts';
import { manyValues, notOfTheApi, numberIn } from './points.ts';
import type { Provider } from './provider.ts';

/** https://docs.newrelic.com/docs/apis/insights-apis/query-insights-event-data-api/ */
export const newrelic: Provider = {
  address: 'https://insights-api.newrelic.com',
  secretKeys: ['newrelic_account_id', 'newrelic_query_key'],
  request(address, { query, secret, windowMs }) {
    const account = secret['newrelic_account_id'] ?? '';
    if (!/^\d+$/.test(account))
      return { kind: 'error', why: 'newrelic_account_id of the Secret is no number' };
    const url = new URL(`${address}/v1/accounts/${account}/query`);
    const asked = query.replaceAll(/\s+/g, ' ').trim();
    // Flagger says the time span; a query that says its own keeps it.
    const since = /\bsince\b/i.test(asked)
      ? ''
      : ` SINCE ${Math.max(1, Math.round(windowMs / 1000))} seconds ago`;
    url.searchParams.set('nrql', asked + since);
    const headers = { accept: 'application/json', 'x-query-key': secret['newrelic_query_key'] ?? '' };
    return { url, method: 'GET', headers };
  },
  read(body) {
    const json = jsonIn(body);
    if (!isObject(json) || json['results'] === undefined) return notOfTheApi;
    const results = listAt(json, 'results').filter(isObject);
    // Named after the function: {"average": 1.5}; arithmetic is {"result": 1.5}.
    const values = results.flatMap((result) => Object.values(result));
    if (values.length > 1) return manyValues(values.length);
    const value = numberIn(values[0]);
    if (value !== undefined) return { kind: 'value', value };
    if (values[0] === null || values[0] === undefined)
      return { kind: 'absent', why: 'the query gives no value' };
    return { kind: 'error', why: 'the query gives something that is no number' };
  },
  complaint: (body) => textAt(jsonIn(body), 'error'),
};
