// The trace of a rollout, from the machine's decisions to what a collector receives.
import { deepEqual, equal, ok } from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test, type TestContext } from 'node:test';
import { step } from '../../src/rollout/step.ts';
import type { Observation } from '../../src/rollout/types.ts';
import { createTraces } from '../../src/telemetry/otlp.ts';
import { type SpanData, Trail } from '../../src/telemetry/trace.ts';
import { until } from '../gates/rig.ts';
import { World } from '../rollout/world.ts';

const subject = { namespace: 'shop', name: 'web', uid: 'u1' };

/** A world whose decisions leave a trail. */
class Traced extends World {
  readonly spans: SpanData[] = [];
  trail = new Trail();

  override look(survives?: number, seen: Observation = this.observe()): boolean {
    const decision = step(this.plan, this.state, seen, this.now);
    this.spans.push(...this.trail.see(subject, this.state, decision, seen, this.now));
    return super.look(survives, seen);
  }
}

/** Name, weight or outcome, verdict, and seconds since the first began. */
function inShort(spans: readonly SpanData[]): readonly string[] {
  const zero = Math.min(...spans.map(({ startMs }) => startMs));
  return spans.map(({ name, attributes, startMs, endMs, failure }) =>
    [
      name,
      attributes['serin.weight'] ?? attributes['serin.outcome'] ?? '-',
      attributes['serin.verdict'] ?? '-',
      `${(startMs - zero) / 1000}..${(endMs - zero) / 1000}`,
      ...(failure === undefined ? [] : [failure]),
    ].join(' '),
  );
}

test('a rollout is one trace, with a span for each phase and weight, one after the other', () => {
  const world = new Traced();
  world.until('Succeeded');
  const { spans } = world;
  deepEqual(
    inShort(spans).map((line) => line.replace(/ [\d.]+$/, '')),
    [
      'Starting 0 -',
      'Progressing 10 pass',
      'Progressing 30 pass',
      'Progressing 50 pass',
      'Promoting.Shift 50 pass',
      'Promoting.Roll 100 pass',
      'Promoting.Return 100 pass',
      'Finalising 0 pass',
      'rollout Succeeded -',
    ],
  );
  const phases = spans.slice(0, -1);
  const root = spans.at(-1);
  equal(new Set(spans.map(({ traceId }) => traceId)).size, 1);
  equal(new Set(spans.map(({ spanId }) => spanId)).size, spans.length);
  ok(phases.every(({ parentId }) => parentId === root?.spanId));
  equal(root?.parentId, undefined);
  for (const [index, { endMs }] of phases.entries()) {
    const next = phases[index + 1];
    if (next !== undefined) equal(next.startMs, endMs);
  }
  deepEqual([root?.startMs, root?.endMs], [phases[0]?.startMs, phases.at(-1)?.endMs]);
});

test('a failure says why, and who asked for what', () => {
  const world = new Traced();
  world.health = 'bad';
  world.until('Failed');
  const root = world.spans.at(-1);
  equal(root?.failure, 'failed checks threshold reached (3): success rate 95 % < 99 % (stable 100 %)');
  deepEqual(root?.attributes, {
    ...{ 'k8s.namespace.name': 'shop', 'k8s.deployment.name': 'web', 'k8s.deployment.uid': 'u1' },
    ...{ 'serin.revision': 'new', 'serin.stable_revision': 'old', 'serin.actor': 'ann' },
    'serin.outcome': 'Failed',
  });
  deepEqual(
    world.spans.map(({ name }) => name),
    ['Starting', 'Progressing', 'RollingBack', 'rollout'],
  );
});

test('who leads after a restart goes on with the same trace, from when the phase began', () => {
  const [whole, broken] = [new Traced(), new Traced()];
  whole.until('Succeeded');
  broken.until('Progressing');
  broken.trail = new Trail();
  broken.until('Succeeded');
  deepEqual(broken.spans, whole.spans);
});

test('a candidate that makes room has its end, and the next a trace of its own', () => {
  const world = new Traced();
  world.until('Progressing');
  world.supersede('newer');
  world.until('Succeeded');
  const roots = world.spans.filter(({ name }) => name === 'rollout');
  deepEqual(
    roots.map(({ attributes }) => [attributes['serin.revision'], attributes['serin.outcome']]),
    [
      ['new', 'Superseded'],
      ['newer', 'Succeeded'],
    ],
  );
  equal(new Set(world.spans.map(({ traceId }) => traceId)).size, 2);
});

test('what ended before is not told again, and what is forgotten leaves nothing', () => {
  const world = new Traced();
  world.until('Succeeded');
  const told = world.spans.length;
  world.look();
  equal(world.spans.length, told);
  const other = new Traced();
  other.until('Progressing');
  other.trail.forget('shop/web');
  other.spans.length = 0;
  other.trail.forget('shop/web');
  other.until('Promoting.Shift');
  ok(other.spans.every(({ name }) => name === 'Progressing'));
});

interface Received {
  readonly path: string;
  readonly type: string;
  readonly body: string;
}

async function collector(t: TestContext, status = 200): Promise<{ url: string; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString('utf8');
      received.push({ path: request.url ?? '', type: request.headers['content-type'] ?? '', body });
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`, received };
}

interface Otlp {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly Attribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

interface Attribute {
  readonly key: string;
  readonly value: {
    readonly stringValue?: string;
    readonly intValue?: number;
    readonly doubleValue?: number;
  };
}

interface OtlpSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly Attribute[];
  readonly status: { readonly code: number; readonly message?: string };
}

test('a collector receives the spans as they are: IDs, parents, times, attributes and status', async (t) => {
  const { url, received } = await collector(t);
  const failures: unknown[] = [];
  const traces = createTraces({ url, identity: 'serin-0', onFailure: (error) => failures.push(error) });
  const world = new Traced();
  world.health = 'bad';
  world.until('Failed');
  traces.add(world.spans);
  await traces.close();
  deepEqual(
    received.map(({ path, type }) => `${path} ${type}`),
    ['/v1/traces application/json'],
  );
  const [resource] = (JSON.parse(received[0]?.body ?? '') as Otlp).resourceSpans;
  const spans = resource?.scopeSpans.flatMap((scope) => scope.spans) ?? [];
  deepEqual(
    spans.map((span) => ({
      ...{ name: span.name, traceId: span.traceId, spanId: span.spanId },
      ...(span.parentSpanId === undefined ? {} : { parentId: span.parentSpanId }),
      startMs: Number(BigInt(span.startTimeUnixNano) / 1_000_000n),
      endMs: Number(BigInt(span.endTimeUnixNano) / 1_000_000n),
      attributes: Object.fromEntries(
        span.attributes.map(({ key, value }) => [
          key,
          value.stringValue ?? value.intValue ?? value.doubleValue,
        ]),
      ),
      ...(span.status.code === 2 ? { failure: span.status.message } : {}),
    })),
    world.spans,
  );
  const names = resource?.resource.attributes.map(({ key, value }) => `${key}=${value.stringValue}`);
  ok(names?.includes('service.name=serin') && names.includes('service.instance.id=serin-0'));
  deepEqual(failures, []);
});

test('a collector that says no loses spans, which is told, and nobody waits', async (t) => {
  const { url } = await collector(t, 400);
  const failures: unknown[] = [];
  const traces = createTraces({ url, identity: 'serin-0', onFailure: (error) => failures.push(error) });
  const world = new Traced();
  world.until('Progressing');
  traces.add(world.spans);
  await until(() => failures.length > 0);
  await traces.close();
  equal(failures.length, 1);
});
