import type { JsonObject } from '../rollout/types.ts';
import { translated } from '../routing/gateway-match.ts';
import { isPlainMap } from './document.ts';
import type { Field } from './field.ts';
import { checkNames, isOff } from './known.ts';
import { matching } from './provider.ts';
import { regexProblem } from './regex.ts';
import * as schema from './schema.ts';

/** What a condition of Istio's may say; what says nothing of a request alone is left out of `tells`. */
const texts = ['uri', 'scheme', 'method', 'authority'] as const;
const maps = ['headers', 'withoutHeaders', 'queryParams'] as const;
const tells = [...texts, ...maps, 'sourceLabels', 'sourceNamespace', 'gateways', 'port'];

/** Istio passes these over as names of headers, and would match everybody. */
const noHeaders = ['uri', 'scheme', 'method', 'authority'];

/** The conditions of `match`, as they stand; undefined where there are none. */
export function matchOf(
  field: Field,
  router: 'istio' | 'gateway' | undefined,
): readonly JsonObject[] | undefined {
  const entries = field.items() ?? [];
  for (const entry of entries) checkEntry(entry, router);
  return entries.length === 0 ? undefined : entries.map(({ value }) => said(value) as JsonObject);
}

/** The value without the keys that are given none, which say nothing. */
function said(value: unknown): unknown {
  if (!isPlainMap(value)) return value;
  const given = Object.entries(value).filter(([, each]) => each !== null);
  return Object.fromEntries(given.map(([key, each]) => [key, said(each)]));
}

function checkEntry(field: Field, router: 'istio' | 'gateway' | undefined): void {
  checkNames(field, schema.match);
  field.required('a condition');
  if (!field.isMap) return;
  const says = tells.some((key) => !isOff(field.at(key).value));
  const { known, noted } = schema.match;
  if (!says && field.keys().every((key) => known.includes(key) || Object.hasOwn(noted, key)))
    field.report('says nothing of a request, so it would match everybody');
  for (const key of texts) checkText(field.at(key));
  for (const key of maps)
    for (const name of field.at(key).keys()) checkNamed(field.at(key).at(name), key, name);
  for (const name of field.at('sourceLabels').keys()) checkLabel(field.at('sourceLabels').at(name));
  field.at('sourceNamespace').text();
  field.at('gateways').texts();
  field.at('port').whole(1, 65_535);
  field.at('ignoreUriCase').flag();
  if (router === 'gateway') checkForGateway(field);
}

function checkForGateway(field: Field): void {
  const translation = translated([said(field.value) as JsonObject], 'HTTPRoute');
  if (!translation.ok) field.report(`cannot be said with Gateway API: ${translation.why}`);
}

function checkNamed(field: Field, key: (typeof maps)[number], name: string): void {
  if (key !== 'queryParams') checkHeader(field, name);
  // `{}` asks only whether the header is there.
  if (key === 'queryParams' || field.keys().length > 0) checkText(field);
  field.required('exact, prefix or regex');
}

function checkHeader(field: Field, name: string): void {
  if (!/^[\w-]+$/.test(name)) field.report('is no name of a header');
  if (noHeaders.includes(name)) field.report(`is no header: write ${name} beside headers`);
}

function checkLabel(field: Field): void {
  field.required('a value');
  if (field.value !== '') matching(field, /^[\w.-]{1,63}$/, 'the value of a label');
}

function checkText(field: Field): void {
  checkNames(field, schema.textMatch);
  if (!field.isMap) return;
  const given = schema.textMatch.known.filter((key) => field.at(key).isGiven);
  if (given.length !== 1) field.report('needs one of exact, prefix and regex');
  for (const key of given) field.at(key).text();
  const regex = field.at('regex');
  const problem = typeof regex.value === 'string' ? regexProblem(regex.value) : undefined;
  if (problem !== undefined) regex.report(problem);
}
