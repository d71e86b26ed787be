import { Registry } from 'prom-client';
import { type AdmissionMetrics, admissionIn } from './admission.ts';
import { type ApiMetrics, apiIn } from './api.ts';
import { type Build, buildIn } from './build.ts';
import { type MessageCount, messagesIn } from './messages.ts';
import { type RolloutMetrics, rolloutsIn } from './rollouts.ts';
import { type WorkMetrics, workIn } from './work.ts';

/** Every number that Serin publishes; docs/monitoring.md says what each is for. */
export interface Metrics extends AdmissionMetrics, RolloutMetrics, WorkMetrics, ApiMetrics {
  readonly registry: Registry;
  /** Messages, by type of receiver and what became of them, as with hooks. */
  readonly messages: MessageCount;
  /** Takes back whatever only the process that leads knows. */
  stopLeading(): void;
}

/** The metrics of one process, in a registry of their own; `build` where it is to say what runs. */
export function createMetrics(build?: Build): Metrics {
  const registry = new Registry();
  if (build !== undefined) buildIn(registry, build);
  const admission = admissionIn(registry);
  const rollouts = rolloutsIn(registry);
  const work = workIn(registry);
  const api = apiIn(registry);
  return {
    registry,
    ...admission,
    ...rollouts,
    ...work,
    ...api,
    messages: messagesIn(registry),
    stopLeading: () => {
      work.leader.set(0);
      work.followQueue(() => 0);
      rollouts.forgetRollouts();
      api.forgetReflectors();
    },
  };
}
