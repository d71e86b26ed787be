import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { mistakesOf, withAnalysis } from './plans.ts';

const metric = (more: object): string =>
  JSON.stringify({ analysis: { metrics: [{ name: 'queue', thresholdRange: { max: 5 }, ...more }] } });
const read = (more: object): unknown => parseCanary(metric(more));
const spec = (more: object): unknown => ({
  ok: true,
  spec: withAnalysis({ metrics: [{ name: 'queue', intervalMs: 60_000, max: 5, ...more }] }),
  notes: [],
});

test('a metric may bring a source of its own, by the names of Flagger', () => {
  const provider = { type: 'datadog', address: 'https://api.datadoghq.eu', secretRef: { name: 'dd' } };
  deepEqual(
    read({ query: 'avg:x{*}', provider }),
    spec({
      query: 'avg:x{*}',
      provider: { type: 'datadog', address: 'https://api.datadoghq.eu', secretName: 'dd' },
    }),
  );
  const queries = '[{"Id":"e1","Expression":"{{ variables.e }}"}]';
  deepEqual(
    read({
      query: queries,
      provider: { type: 'cloudwatch', region: 'us-gov-west-1', secretRef: { name: 'aws' } },
      templateVariables: { e: 'm1/m2' },
    }),
    spec({
      query: queries,
      provider: { type: 'cloudwatch', region: 'us-gov-west-1', secretName: 'aws' },
      variables: { e: 'm1/m2' },
    }),
  );
});

test('a Prometheus without an address is Serin’s own; one of a tenant is asked with its headers', () => {
  deepEqual(
    read({ query: 'up', provider: { type: 'prometheus', insecureSkipVerify: false } }),
    spec({ query: 'up' }),
  );
  const headers = { 'X-Scope-OrgID': ['a', 'b'] };
  deepEqual(
    read({ query: 'up', provider: { type: 'prometheus', address: 'https://mimir/prometheus', headers } }),
    spec({
      query: 'up',
      provider: {
        type: 'prometheus',
        address: 'https://mimir/prometheus',
        headers: { 'x-scope-orgid': 'a, b' },
      },
    }),
  );
});

test('a metric may name a MetricTemplate of Flagger’s in place of query and source', () => {
  deepEqual(
    read({
      templateRef: { name: 'latency', namespace: 'istio-system' },
      templateVariables: { reporter: 'source' },
    }),
    spec({ template: { name: 'latency', namespace: 'istio-system' }, variables: { reporter: 'source' } }),
  );
});

test('every mistake about a source is reported at once, each with its path', () => {
  const metrics = [
    { name: 'request-duration', threshold: 5, provider: { type: 'datadog' }, templateRef: { name: 'x' } },
    {
      name: 'a',
      threshold: 1,
      query: 'up',
      provider: { type: 'stackdriver', adress: 'x', insecureSkipVerify: true },
    },
    {
      name: 'b',
      threshold: 1,
      query: 'up',
      provider: { type: 'influxdb', address: 'ftp://x', secretRef: 'token' },
    },
    {
      name: 'c',
      threshold: 1,
      query: 'up',
      provider: { type: 'cloudwatch', region: 'Europe', secretRef: { name: '' } },
    },
    { name: 'd', threshold: 1, query: '{"Id": 1}', provider: { type: 'cloudwatch', region: 'eu-west-1' } },
    { name: 'e', threshold: 1, query: 'up', provider: { type: 'prometheus', secretRef: { name: 'x' } } },
    {
      name: 'f',
      threshold: 1,
      query: 'up',
      provider: {
        type: 'prometheus',
        address: 'http://a:b@c',
        headers: { Authorization: 'x', 'a b': 'y', 'X-Org': 'a\nb' },
      },
    },
    { name: 'g', threshold: 1, query: 'sum(a.b)', provider: { type: 'graphite' } },
    {
      name: 'h',
      threshold: 1,
      query: '{{ ingress }} {{ variables.x }} {{ foo }}',
      templateVariables: { y: 1, z: null },
    },
    { name: 'i', threshold: 1, query: 'up', provider: {}, templateRef: { namespace: 'A' } },
    { name: 'j', threshold: 1, query: 'up', provider: 'datadog' },
    { name: 'k', threshold: 1, query: 'SELECT 1', provider: { type: 'newrelic', headers: { a: 'b' } } },
    {
      name: 'l',
      threshold: 1,
      query: 'target=a',
      provider: { type: 'graphite', address: 'http://169.254.169.254/latest' },
    },
    { threshold: 1, templateRef: [] },
  ];
  golden(
    'sources/mistakes.txt',
    `${mistakesOf(parseCanary(JSON.stringify({ analysis: { metrics } }))).join('\n')}\n`,
  );
});

test('no golden report of sources is left over', () => noStaleGolden('sources'));
