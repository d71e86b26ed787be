import type { Command } from '../config/command.ts';
import type { Surroundings } from '../controller/reconcile.ts';
import { messageOf } from '../errors.ts';
import { Trail } from '../telemetry/trace.ts';
import type { Parts } from './parts.ts';

type OnDecision = Surroundings['onDecision'];

/** What is told of decisions for traces; `close` sends what is left, and waits a moment for it. */
export interface Tracing {
  readonly onDecision: OnDecision;
  readonly onIdle: Surroundings['onIdle'];
  /** Another led meanwhile: what was under way then is known no more. */
  readonly onLead: () => void;
  readonly close: () => Promise<void>;
}

/** Who leaves does not wait longer than this for a collector. */
const closeMs = 2_000;

/** Traces of the rollouts of this process; undefined where no collector is named, and then no library is loaded. */
export async function tracingOf(
  { clock, serverClock, log }: Parts,
  { tracesUrl: url, identity }: Extract<Command, { kind: 'controller' }>,
): Promise<Tracing | undefined> {
  if (url === undefined) return undefined;
  const { createTraces } = await import('../telemetry/otlp.ts');
  const onFailure = (error: unknown): void => log.warn(`spans are lost: ${messageOf(error)}`);
  const traces = createTraces({ url, identity, onFailure });
  let trail = new Trail();
  return {
    onDecision: (key, before, decision, seen, { uid }) => {
      const [namespace = '', name = ''] = key.split('/');
      traces.add(trail.see({ namespace, name, uid }, before, decision, seen, serverClock.now()));
    },
    onIdle: (key) => trail.forget(key),
    onLead: () => {
      trail = new Trail();
    },
    close: () => Promise.race([traces.close(), clock.sleep(closeMs)]),
  };
}
