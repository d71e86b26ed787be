import type { Series } from '../analysis/samples.ts';
import type { Json } from '../rollout/types.ts';
import { isList, isObject, listAt, objectAt, textAt } from '../routing/json.ts';
import { labelsIn } from '../routing/selectors.ts';
import { jsonIn } from './json.ts';

export interface Sample {
  readonly labels: { readonly [name: string]: string };
  /** May be NaN or an infinity. */
  readonly value: number;
}

export interface Failed {
  readonly kind: 'error';
  readonly why: string;
}

/** What an instant query gave; a scalar is one sample without labels. */
export type Answer =
  | { readonly kind: 'samples'; readonly samples: readonly Sample[]; readonly warnings: readonly string[] }
  | Failed;

/** What an instant query of a range selector gave: the raw samples, oldest first. */
export type RangeAnswer =
  | { readonly kind: 'series'; readonly series: readonly Series[]; readonly warnings: readonly string[] }
  | Failed;

interface Data {
  readonly kind: 'data';
  readonly type: string;
  readonly result: Json | undefined;
  readonly warnings: readonly string[];
}

/** Reads the body of an answer of `/api/v1/query`. */
export function readAnswer(status: number, body: string): Answer {
  const read = dataIn(status, body);
  if (read.kind === 'error') return read;
  const { type, result, warnings } = read;
  switch (type) {
    case 'vector':
      return samples(listIn(result).map(readSample), warnings);
    case 'scalar':
      return samples([readPoint(result, {})], warnings);
    default:
      return { kind: 'error', why: `the query gives ${type}, not an instant vector or a scalar` };
  }
}

/** The same for a query that is a range selector. */
export function readRange(status: number, body: string): RangeAnswer {
  const read = dataIn(status, body);
  if (read.kind === 'error') return read;
  const { type, result, warnings } = read;
  if (type !== 'matrix') return { kind: 'error', why: `the query gives ${type}, not raw samples` };
  const series = listIn(result).map((each): Series | undefined => {
    const points = listAt(each, 'values').map(readTimed);
    const known = points.filter((point) => point !== undefined);
    return known.length < points.length || !isObject(each)
      ? undefined
      : { labels: labelsIn(each['metric']), points: known };
  });
  const known = series.filter((each) => each !== undefined);
  if (known.length < series.length)
    return { kind: 'error', why: 'the answer has a sample that is not a number' };
  return { kind: 'series', series: known, warnings };
}

function dataIn(status: number, body: string): Data | Failed {
  const json = jsonIn(body);
  const said = textAt(json, 'error');
  if (textAt(json, 'status') === 'error' && said !== undefined) return refused(status, said);
  if (status < 200 || status > 299) return refused(status, body);
  if (!isObject(json) || textAt(json, 'status') !== 'success') {
    return { kind: 'error', why: 'the answer is not one of the Prometheus API' };
  }
  const data = objectAt(json, 'data');
  const warnings = listAt(json, 'warnings').map(String);
  return {
    kind: 'data',
    type: textAt(data, 'resultType') ?? 'nothing known',
    result: data['result'],
    warnings,
  };
}

function listIn(json: Json | undefined): readonly Json[] {
  return isList(json) ? json : [];
}

/** The first words of what was said, on one line: it goes into events. */
export function refused(status: number, said: string): Failed {
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

/** Prometheus tells times in seconds. */
function readTimed(point: Json): readonly [at: number, value: number] | undefined {
  if (!isList(point)) return undefined;
  const [seconds, text] = point;
  const value = typeof text === 'string' && text !== '' ? Number(text) : Number.NaN;
  return typeof seconds === 'number' && !Number.isNaN(value)
    ? [Math.round(seconds * 1000), value]
    : undefined;
}
