/** A metric source of the user's own; field names as in Flagger's MetricTemplate. */
export interface MetricProvider {
  readonly type: ProviderType;
  readonly address?: string;
  readonly region?: string;
  /** The Secret with what the source asks to see. */
  readonly secretName?: string;
  readonly headers?: { readonly [name: string]: string };
}

export type ProviderType = 'prometheus' | 'datadog' | 'cloudwatch' | 'newrelic' | 'graphite' | 'influxdb';
