import { deepEqual, equal, match } from 'node:assert/strict';
import { test } from 'node:test';
import { cloudwatch } from '../../src/sources/cloudwatch.ts';
import { asked, now, question, type Reading, short } from './asking.ts';

const stat = { Metric: { Namespace: 'Shop', MetricName: 'Errors' }, Period: 60, Stat: 'Sum' };
const queries = [
  { Id: 'e1', Expression: 'm1 / m2', Label: 'ErrorRate' },
  { Id: 'm1', MetricStat: stat, ReturnData: false },
];
const query = JSON.stringify(queries);
const secret = { aws_access_key_id: 'AKIDEXAMPLE', aws_secret_access_key: 'wJalrXUtnFEMI' };
const provider = { type: 'cloudwatch', region: 'eu-west-1' } as const;

test('GetMetricData is asked of the region, signed with the keys of the Secret', () => {
  const request = asked(cloudwatch, '', { query, secret, provider });
  if (typeof request === 'string') throw new Error(request);
  const { authorization, ...headers } = request.headers;
  equal(request.url.href, 'https://monitoring.eu-west-1.amazonaws.com/');
  deepEqual(headers, {
    accept: 'application/json',
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': 'GraniteServiceVersion20100801.GetMetricData',
    'x-amz-date': '20261124T091000Z',
  });
  match(
    authorization ?? '',
    /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/20261124\/eu-west-1\/monitoring\/aws4_request, SignedHeaders=accept;content-type;host;x-amz-date;x-amz-target, Signature=[0-9a-f]{64}$/,
  );
  deepEqual(JSON.parse(request.body ?? ''), {
    StartTime: now / 1000 - 600,
    EndTime: now / 1000,
    ScanBy: 'TimestampDescending',
    MaxDatapoints: 40,
    MetricDataQueries: queries,
  });
});

test('China has a domain of its own, and an address that is given is kept', () => {
  const of = (region: string, address: string): string => {
    const request = asked(cloudwatch, address, { query, secret, provider: { type: 'cloudwatch', region } });
    return typeof request === 'string' ? request : request.url.href;
  };
  equal(of('cn-north-1', ''), 'https://monitoring.cn-north-1.amazonaws.com.cn/');
  equal(
    of('eu-west-1', 'https://vpce-1.monitoring.eu-west-1.vpce.amazonaws.com'),
    'https://vpce-1.monitoring.eu-west-1.vpce.amazonaws.com/',
  );
});

test('a query that is no list is told before anything is asked', () => {
  equal(
    asked(cloudwatch, '', { query: 'up', provider }),
    'the query is no list of MetricDataQueries in JSON',
  );
});

const result = (more: object = {}): object => ({
  Id: 'e1',
  Label: 'ErrorRate',
  StatusCode: 'Complete',
  Timestamps: [30, 90, 150].map((ago) => now / 1000 - ago),
  Values: [0.9, 0.5, 0.25],
  ...more,
});
const answer = (...results: readonly object[]): object => ({ Messages: [], MetricDataResults: results });

const readings: readonly Reading[] = [
  ['the newest minute that has ended is taken', answer(result()), 0.5],
  [
    'no values are no data',
    answer(result({ Timestamps: [], Values: [] })),
    'absent: the query gives no value',
  ],
  ['no result is no data', answer(), 'absent: the query gives no value'],
  [
    'of several results none is taken',
    answer(result(), result({ Id: 'm1' })),
    'error: the query gives 2 values, but one is wanted: sum or select them',
  ],
  [
    'a result that is an error is one',
    answer(
      result({
        StatusCode: 'InternalError',
        Values: [],
        Messages: [{ Code: 'ArithmeticError', Value: 'one or more data-points have been dropped' }],
      }),
    ),
    'error: it says InternalError; ArithmeticError: one or more data-points have been dropped',
  ],
  ['XML or anything else is an error', '<GetMetricDataResponse>', 'error: the answer is not one of its API'],
];
for (const [what, body, expected] of readings) {
  test(what, () =>
    deepEqual(short(cloudwatch.read(JSON.stringify(body), question({ query, provider }))), expected),
  );
}

test('the words of a refusal are told', () => {
  const body = {
    __type: 'com.amazonaws.cloudwatch#AccessDeniedException',
    Message: 'User: arn:aws:iam::1:user/x is not authorized to perform: cloudwatch:GetMetricData',
  };
  equal(
    cloudwatch.complaint?.(JSON.stringify(body)),
    'AccessDeniedException: User: arn:aws:iam::1:user/x is not authorized to perform: cloudwatch:GetMetricData',
  );
  equal(cloudwatch.complaint?.('{"__type":"InvalidSignatureException"}'), 'InvalidSignatureException');
});
