import type { Failed } from '../prometheus/answers.ts';
import type { SecretData } from '../prometheus/credentials.ts';
import type { Request } from '../prometheus/exchange.ts';
import type { MetricProvider } from '../rollout/provider.ts';
import type { Measured } from '../rollout/types.ts';

/** One question to a source of the user's. */
export interface Question {
  readonly provider: MetricProvider;
  /** With everything filled in. */
  readonly query: string;
  /** What is in the Secret; empty where there is none. */
  readonly secret: SecretData;
  readonly now: number;
  /** What `{{ interval }}` says. */
  readonly windowMs: number;
  /** Where a source gives points: how old one may be. Ten intervals, but never from before the canary had its traffic. */
  readonly lookBackMs: number;
}

/** A kind of metric source: what it is asked and how its answer reads, without any I/O. */
export interface Provider {
  /** Where it is, if the plan does not say. */
  readonly address?: string;
  /** What must be in its Secret, beside what any source takes (`credentialsIn`). Nobody is shown any of it. */
  readonly secretKeys: readonly string[];
  /** `address` is without a slash at its end. */
  request(address: string, question: Question): Request | Failed;
  /** What a good answer (2xx) says. */
  read(body: string, question: Question): Measured;
  /** The words of an answer that is none, where the API has a place for them. */
  complaint?(body: string): string | undefined;
}
