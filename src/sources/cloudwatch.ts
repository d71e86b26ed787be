import type { Json, JsonObject } from '../rollout/types.ts';
import { isList, isObject, listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { jsonIn } from '../prometheus/json.ts';
import { newestWhole, notOfTheApi, numberIn, onlySeries, type Point } from './points.ts';
import type { Provider } from './provider.ts';
import { signed } from './sigv4.ts';

/**
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html; the query is the list of
 * MetricDataQueries. The keys are those of the Secret, never what Serin's own pod may do: every plan could, then.
 */
export const cloudwatch: Provider = {
  secretKeys: ['aws_access_key_id', 'aws_secret_access_key'],
  request(address, { query, secret, provider, now, lookBackMs }) {
    const queries = jsonIn(query);
    if (!isList(queries)) return { kind: 'error', why: 'the query is no list of MetricDataQueries in JSON' };
    const region = provider.region ?? '';
    const url = new URL(address === '' ? `https://monitoring.${region}.${domainOf(region)}/` : address);
    const body = JSON.stringify({
      StartTime: Math.floor((now - lookBackMs) / 1000),
      EndTime: Math.floor(now / 1000),
      ScanBy: 'TimestampDescending',
      MaxDatapoints: 20 * queries.length,
      MetricDataQueries: queries,
    });
    const headers = {
      accept: 'application/json',
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData',
    };
    const sessionToken = secret['aws_session_token'];
    const keys = {
      accessKeyId: secret['aws_access_key_id'] ?? '',
      secretAccessKey: secret['aws_secret_access_key'] ?? '',
      ...(sessionToken === undefined ? {} : { sessionToken }),
    };
    return signed({ url, method: 'POST', headers, body }, keys, { region, service: 'monitoring', now });
  },
  read(body, question) {
    const json = jsonIn(body);
    if (!isObject(json) || !isList(json['MetricDataResults'])) return notOfTheApi;
    const results = json['MetricDataResults'].filter(isObject);
    const broken = results.find((each) => /Error|Forbidden/.test(textAt(each, 'StatusCode') ?? ''));
    if (broken !== undefined) return { kind: 'error', why: wordsOf(broken, json) };
    const series = onlySeries(results);
    if (!('one' in series)) return series;
    const values = listAt(series.one, 'Values');
    const points = listAt(series.one, 'Timestamps').map((seconds, index): Point => {
      return { at: 1000 * (numberIn(seconds) ?? 0), value: numberIn(values[index]) };
    });
    return newestWhole(points, periodMs(jsonIn(question.query)), question);
  },
  complaint(body) {
    const json = jsonIn(body);
    const kind = textAt(json, '__type')?.split('#').at(-1);
    const message = textAt(json, 'message') ?? textAt(json, 'Message');
    return kind === undefined ? message : `${kind}${message === undefined ? '' : `: ${message}`}`;
  },
};

function domainOf(region: string): string {
  return region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
}

function wordsOf(result: JsonObject, answer: JsonObject): string {
  const said = [...listAt(result, 'Messages'), ...listAt(answer, 'Messages')].map((message) =>
    [textAt(message, 'Code'), textAt(message, 'Value')].filter((text) => text !== undefined).join(': '),
  );
  return [`it says ${textAt(result, 'StatusCode')}`, ...said].join('; ');
}

/** The length of a bucket: the longest of those the queries ask for. */
function periodMs(queries: Json | undefined): number {
  const periods = (isList(queries) ? queries : []).flatMap((query) => [
    numberAt(query, 'Period') ?? 0,
    numberAt(objectAt(query, 'MetricStat'), 'Period') ?? 0,
  ]);
  return 1000 * Math.max(...periods, 1);
}
