import type { Json } from '../rollout/types.ts';
import { isList, isObject, listAt, objectAt, textAt } from '../routing/json.ts';
import { labelsIn } from '../routing/selectors.ts';

export interface Sample {
  readonly labels: { readonly [name: string]: string };
  /** May be NaN or an infinity. */
  readonly value: number;
}

/** What an instant query gave; a scalar is one sample without labels. */
export type Answer =
  | { readonly kind: 'samples'; readonly samples: readonly Sample[]; readonly warnings: readonly string[] }
  | { readonly kind: 'error'; readonly why: string };

/** Reads the body of an answer of `/api/v1/query`. */
export function readAnswer(status: number, body: string): Answer {
  const json = parsed(body);
  const said = textAt(json, 'error');
  if (textAt(json, 'status') === 'error' && said !== undefined) return refused(status, said);
  if (status < 200 || status > 299) return refused(status, body);
  if (!isObject(json) || textAt(json, 'status') !== 'success') {
    return { kind: 'error', why: 'the answer is not one of the Prometheus API' };
  }
  const data = objectAt(json, 'data');
  const warnings = listAt(json, 'warnings').map(String);
  const type = textAt(data, 'resultType') ?? 'nothing known';
  switch (type) {
    case 'vector':
      return samples(listAt(data, 'result').map(readSample), warnings);
    case 'scalar':
      return samples([readPoint(data['result'], {})], warnings);
    default:
      return { kind: 'error', why: `the query gives ${type}, not an instant vector or a scalar` };
  }
}

/** The first words of what was said, on one line: it goes into events. */
function refused(status: number, said: string): Answer {
  const line = said.replaceAll(/\s+/g, ' ').trim().slice(0, 300);
  return { kind: 'error', why: `answered ${status}${line === '' ? '' : `: ${line}`}` };
}

function samples(read: readonly (Sample | undefined)[], warnings: readonly string[]): Answer {
  const known = read.filter((sample) => sample !== undefined);
  if (known.length < read.length)
    return { kind: 'error', why: 'the answer has a sample that is not a number' };
  return { kind: 'samples', samples: known, warnings };
}

function readSample(json: Json): Sample | undefined {
  return isObject(json) ? readPoint(json['value'], labelsIn(json['metric'])) : undefined;
}

function readPoint(point: Json | undefined, labels: Sample['labels']): Sample | undefined {
  const text = isList(point) ? point[1] : undefined;
  if (typeof text !== 'string' || text === '') return undefined;
  if (text === 'NaN') return { labels, value: Number.NaN };
  const value = Number(text.replace('Inf', 'Infinity'));
  return Number.isNaN(value) ? undefined : { labels, value };
}

function parsed(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json;
  } catch {
    return undefined; // a proxy's page, or an answer that was cut
  }
}
