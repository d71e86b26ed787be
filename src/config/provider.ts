import type { MetricProvider, ProviderType } from '../rollout/provider.ts';
import { isOwnMachine } from '../prometheus/reach.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import * as schema from './schema.ts';

interface Needs {
  /** Where it is asked; a source without one has its own address unless the plan names another. */
  readonly address: boolean;
  readonly region: boolean;
  /** Why there must be a Secret; absent where there may be none. */
  readonly secret?: string;
}

const needs: Readonly<Record<ProviderType, Needs>> = {
  prometheus: { address: false, region: false },
  datadog: { address: false, region: false, secret: 'datadog_api_key and datadog_application_key' },
  cloudwatch: { address: false, region: true, secret: 'aws_access_key_id and aws_secret_access_key' },
  newrelic: { address: false, region: false, secret: 'newrelic_account_id and newrelic_query_key' },
  graphite: { address: true, region: false },
  influxdb: { address: true, region: false, secret: 'token and org' },
};
const types = Object.keys(needs) as ProviderType[];

/** A metric's own source; undefined where it is Serin's Prometheus, or where anything was reported. */
export function providerOf(field: Field): MetricProvider | undefined {
  checkNames(field, schema.provider);
  if (!field.isMap) return undefined;
  field.at('type').required(`one of ${types.join(', ')}`);
  const type = field.at('type').choice(types);
  const address = addressOf(field.at('address'));
  const region = matching(field.at('region'), /^[a-z]{2}[a-z-]*-\d+$/, 'a region such as eu-west-1');
  const secretName = secretNameOf(field.at('secretRef'));
  const headers = headersOf(field.at('headers'));
  if (field.at('insecureSkipVerify').flag() === true)
    field.at('insecureSkipVerify').report('is not done: put the CA into the Secret, as ca.crt');
  if (type === undefined) return undefined;
  checkNeeds(field, type);
  if (type !== 'prometheus' && headers !== undefined) field.at('headers').report(`is not taken by ${type}`);
  if (type === 'prometheus' && !field.at('address').isGiven) return ownPrometheus(field);
  return {
    type,
    ...(address === undefined ? {} : { address }),
    ...(region === undefined ? {} : { region }),
    ...(secretName === undefined ? {} : { secretName }),
    ...(headers === undefined ? {} : { headers }),
  };
}

function checkNeeds(field: Field, type: ProviderType): void {
  const { address, region, secret } = needs[type];
  if (address) field.at('address').required(`the URL of ${type}`);
  if (region) field.at('region').required('the region of the metrics');
  // Never what Serin's own pod is allowed: any plan of any namespace would be allowed it, too.
  if (secret !== undefined) field.at('secretRef').required(`a Secret with ${secret}`);
}

/** Whoever asks Serin's Prometheus is shown as Serin, so a plan brings no credentials of its own. */
function ownPrometheus(field: Field): undefined {
  for (const name of ['secretRef', 'headers'])
    if (field.at(name).isGiven) field.at('address').required('the URL of the Prometheus it is for');
}

/** A URL of http or https that leads to another machine and holds no password. */
export function addressOf(field: Field): string | undefined {
  const text = field.text();
  if (text === undefined) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) return field.report('is no URL of http or https');
  if (url.username !== '' || url.password !== '')
    return field.report('holds a password: put it into a Secret');
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  if (host === 'localhost' || isOwnMachine(host)) return field.report('is Serin’s own machine');
  if (url.hash !== '') return field.report('has a part behind #, which no server is told');
  return text;
}

/** The name in a `secretRef`. */
export function secretNameOf(field: Field): string | undefined {
  checkNames(field, schema.secretRef);
  if (!field.isMap) return undefined;
  field.at('name').required('the name of the Secret');
  return objectNameOf(field.at('name'));
}

export const objectName = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;

/** The name of any object of Kubernetes. */
export function objectNameOf(field: Field): string | undefined {
  return matching(field, objectName, 'the name of an object (lower-case letters, digits and -)');
}

/** A text, or as in Flagger a list of texts, by name; what is secret belongs into the Secret. */
function headersOf(field: Field): MetricProvider['headers'] {
  const keys = field.keys();
  if (keys.length === 0) return undefined;
  const pairs = keys.map((key) => {
    const header = field.at(key);
    if (!/^[A-Za-z0-9-]+$/.test(key)) header.report('is no name of a header');
    const values = Array.isArray(header.value) ? header.texts() : [header.text() ?? ''];
    if (/^authorization$/i.test(key)) header.report('belongs into the Secret, as token');
    if (values?.some((value) => !/^[\t\x20-\x7e]*$/.test(value))) header.report('cannot be sent as a header');
    return [key.toLowerCase(), values?.join(', ') ?? ''];
  });
  return Object.fromEntries(pairs) as Record<string, string>;
}

/** A text of that pattern; `what` says what is expected. */
export function matching(field: Field, pattern: RegExp, what: string): string | undefined {
  const text = field.text();
  return text === undefined || pattern.test(text) ? text : field.expected(what);
}
