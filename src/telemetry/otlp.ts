// Sends spans by OTLP over HTTP. Loaded only where a collector is named: nobody else waits for these libraries.
import { ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import type { SpanData } from './trace.ts';

export interface OtlpOptions {
  /** Of the collector's traces, such as http://collector:4318/v1/traces. */
  readonly url: string;
  /** Of this replica. */
  readonly identity: string;
  /** Told that spans were lost. */
  readonly onFailure: (error: unknown) => void;
}

/** Where spans go. */
export interface Traces {
  /** Takes them and returns at once; what cannot be sent, or is too much, is lost. */
  add(spans: readonly SpanData[]): void;
  /** Sends what is left. */
  close(): Promise<void>;
}

const sendEveryMs = 1_000;
const timeoutMs = 5_000;

/** Sends spans to a collector; headers and CA come from the OTEL_EXPORTER_OTLP_* variables. */
export function createTraces({ url, identity, onFailure }: OtlpOptions): Traces {
  const next = { traceId: '', spanId: '' };
  const exporter = telling(new OTLPTraceExporter({ url, timeoutMillis: timeoutMs }), onFailure);
  const provider = new BasicTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'serin', 'service.instance.id': identity }),
    // Spans begin at once after their IDs are set: nothing comes between.
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [
      new BatchSpanProcessor(exporter, { scheduledDelayMillis: sendEveryMs, exportTimeoutMillis: timeoutMs }),
    ],
  });
  const tracer = provider.getTracer('serin');
  return {
    add(spans) {
      for (const { name, traceId, spanId, parentId, startMs, endMs, attributes, failure } of spans) {
        Object.assign(next, { traceId, spanId });
        const parent = { traceId, spanId: parentId ?? '', traceFlags: TraceFlags.SAMPLED, isRemote: true };
        const context = parentId === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
        const span = tracer.startSpan(name, { startTime: startMs, attributes }, context);
        if (failure !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: failure });
        span.end(endMs);
      }
    },
    close: () => provider.shutdown().catch(onFailure),
  };
}

/** The exporter, with what it fails at told. */
function telling(exporter: SpanExporter, onFailure: (error: unknown) => void): SpanExporter {
  return {
    export: (spans, done) =>
      exporter.export(spans, (result) => {
        if (result.error !== undefined) onFailure(result.error);
        done(result);
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  };
}
