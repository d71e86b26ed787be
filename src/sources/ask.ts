import type { Kube } from '../kube/kube.ts';
import { type Failed, refused } from '../prometheus/answers.ts';
import { type Credentials, credentialsIn, hidden, type SecretData } from '../prometheus/credentials.ts';
import { type Exchange, reasonOf } from '../prometheus/exchange.ts';
import type { MetricProvider, ProviderType } from '../rollout/provider.ts';
import type { Measured } from '../rollout/types.ts';
import { cloudwatch } from './cloudwatch.ts';
import { datadog } from './datadog.ts';
import { graphite } from './graphite.ts';
import { influxdb } from './influxdb.ts';
import { newrelic } from './newrelic.ts';
import { prometheus } from './prometheus.ts';
import type { Provider, Question } from './provider.ts';
import { readSecret, type Wanted } from './secret.ts';

const providers: Readonly<Record<ProviderType, Provider>> = {
  ...{ prometheus, datadog, cloudwatch, newrelic, graphite, influxdb },
};

/** A source of which everything is known that it must be asked with. */
export interface Source {
  readonly kind: 'source';
  readonly spec: MetricProvider;
  readonly secret: SecretData;
  readonly credentials: Credentials;
}

/** Reads the Secret that a source needs; `whose` says where it is and for whose plan. */
export async function readSource(
  kube: Pick<Kube, 'get'>,
  spec: MetricProvider,
  whose: Omit<Wanted, 'name' | 'use'>,
): Promise<Source | Failed> {
  const { secretName } = spec;
  const read =
    secretName === undefined
      ? undefined
      : await readSecret(kube, { ...whose, name: secretName, use: 'metrics' });
  if (read?.kind === 'error') return read;
  const secret = read?.data ?? {};
  const failed = (why: string): Failed => ({
    kind: 'error',
    why: `Secret ${whose.namespace}/${secretName}: ${why}`,
  });
  const { secretKeys } = providers[spec.type];
  const missing = secretKeys.filter((key) => (secret[key] ?? '').trim() === '');
  if (missing.length > 0) return failed(`${missing.join(' and ')} is missing, which ${spec.type} needs`);
  const own = secretKeys.map((key) => [key, secret[key]?.trim() ?? ''] as const);
  // What has a meaning of the source's own is not sent as if it had the usual one.
  const rest = Object.fromEntries(Object.entries(secret).filter(([key]) => !secretKeys.includes(key)));
  const usual = credentialsIn(rest);
  if (!usual.ok) return failed(usual.why);
  const { credentials } = usual;
  const secrets = [...credentials.secrets, ...own.map(([, value]) => value)];
  return {
    ...{ kind: 'source', spec, secret: { ...rest, ...Object.fromEntries(own) } },
    credentials: { ...credentials, secrets },
  };
}

/** Asks a source one question; whatever goes wrong is told in the measure, and no secret with it. */
export async function askSource(
  exchange: Exchange,
  { spec, secret, credentials }: Source,
  about: Omit<Question, 'provider' | 'secret'>,
): Promise<Measured> {
  const provider = providers[spec.type];
  const question: Question = { ...about, provider: spec, secret };
  const address = (spec.address ?? provider.address ?? '').replace(/\/+$/, '');
  const where = address === '' ? spec.type : `${spec.type} at ${address}`;
  const failed = (why: string): Failed => ({ kind: 'error', why: hidden(`${where}: ${why}`, credentials) });
  const request = provider.request(address, question);
  if ('kind' in request) return failed(request.why);
  try {
    const { status, body } = await exchange(request, credentials);
    if (status >= 200 && status <= 299) {
      const measured = provider.read(body, question);
      return measured.kind === 'error' ? failed(measured.why) : measured;
    }
    // Hidden before it is cut to a line: a secret that is cut is not found.
    return failed(refused(status, hidden(provider.complaint?.(body) ?? body, credentials)).why);
  } catch (error: unknown) {
    return failed(reasonOf(error));
  }
}
