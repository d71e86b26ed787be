// The API of Prometheus, as production's client asks it, with what may ail it.
import type { PrometheusOptions } from '../../../src/prometheus/client.ts';
import type { Dice } from '../dice.ts';
import { later, refused } from '../later.ts';
import type { Life, SimTime } from '../time.ts';
import { evaluate, type Value } from './evaluate.ts';
import type { Memory } from './memory.ts';
import { parseQuery } from './promql.ts';
import type { SimMesh } from './types.ts';

type Fetch = PrometheusOptions['fetch'];

export interface PrometheusParts {
  readonly time: SimTime;
  readonly dice: Dice;
  readonly memory: Memory;
  readonly ailment: () => SimMesh['ailment'];
}

interface Said {
  readonly status: number;
  readonly body: string;
}

/** A `fetch` that asks it from within a process: who is dead or paused hears no answer. */
export function prometheusFetch(parts: PrometheusParts, life: Life): Fetch {
  const { time, dice } = parts;
  return (url, { signal }) => {
    const wait = parts.ailment() === 'slow' ? 30_000 : dice.between(5, 50);
    return later(time, { life, signal, wait }, () => {
      if (parts.ailment() === 'down') throw refused(url);
      const { status, body } = answer(parts, url);
      return { status, body: once(Buffer.from(body)) };
    });
  };
}

// oxlint-disable-next-line typescript/require-await
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

function answer(parts: PrometheusParts, url: URL): Said {
  const { dice } = parts;
  switch (parts.ailment()) {
    case 'error':
      return dice.pick([
        { status: 503, body: failure('timeout', 'query timed out in expression evaluation') },
        { status: 500, body: failure('internal', 'opening storage failed') },
        { status: 503, body: 'Service Unavailable' },
      ]);
    case 'page':
      return dice.pick([
        { status: 200, body: '<!doctype html><title>Sign in</title>' },
        { status: 502, body: '<html><body><h1>502 Bad Gateway</h1></body></html>' },
      ]);
    case 'truncated': {
      const whole = JSON.stringify(queried(parts, url));
      return { status: 200, body: whole.slice(0, whole.length / 2) };
    }
    case 'empty':
      return { status: 200, body: success({ resultType: 'vector', result: [] }) };
    default:
      return { status: 200, body: success(queried(parts, url)) };
  }
}

/** The data of an instant query, as the API writes it; throws where the simulator has to learn it first. */
function instantQuery(memory: Memory, promql: string, now: number): object {
  const seconds = now / 1000;
  const value: Value = evaluate(parseQuery(promql), { now, series: memory.series() });
  if (value.kind === 'scalar') return { resultType: 'scalar', result: [seconds, numberText(value.value)] };
  if (value.kind === 'matrix') {
    const series = value.series.map(({ labels, points }) => ({
      metric: labels,
      values: points.map(([at, each]) => [at / 1000, numberText(each)]),
    }));
    return { resultType: 'matrix', result: series };
  }
  const result = value.rows.map((row) => ({ metric: row.labels, value: [seconds, numberText(row.value)] }));
  return { resultType: 'vector', result };
}

/** An answer that cannot be given ends the simulation: production would take the error for one of Prometheus. */
function queried({ time, memory }: PrometheusParts, url: URL): object {
  memory.catchUp(time.now);
  const at = url.searchParams.get('time');
  try {
    return instantQuery(
      memory,
      url.searchParams.get('query') ?? '',
      at === null ? time.now : Math.round(1000 * Number(at)),
    );
  } catch (error: unknown) {
    time.after(0, () => {
      throw error;
    });
    return { resultType: 'vector', result: [] };
  }
}

function success(data: object): string {
  return JSON.stringify({ status: 'success', data });
}

function failure(errorType: string, error: string): string {
  return JSON.stringify({ status: 'error', errorType, error });
}

function numberText(value: number): string {
  if (Number.isFinite(value) || Number.isNaN(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
