import { Field, type Findings, mistakeText } from '../config/field.ts';
import { queryOf } from '../config/metrics.ts';
import { providerOf } from '../config/provider.ts';
import { messageOf } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { resources } from '../kube/objects.ts';
import type { Failed } from '../prometheus/answers.ts';
import type { MetricProvider } from '../rollout/provider.ts';
import type { MetricSpec } from '../rollout/types.ts';

/** What a metric asks and whom, and the namespace its Secret is in. */
export interface Resolved {
  readonly kind: 'resolved';
  readonly metric: MetricSpec;
  readonly provider?: MetricProvider;
  readonly namespace: string;
}

/** The metric with what its MetricTemplate says; as it is where it names none. `namespace` is the plan's. */
export async function resolve(
  kube: Pick<Kube, 'get'>,
  metric: MetricSpec,
  namespace: string,
): Promise<Resolved | Failed> {
  const { template, provider } = metric;
  if (template === undefined)
    return { kind: 'resolved', metric, namespace, ...(provider === undefined ? {} : { provider }) };
  const where = { namespace: template.namespace ?? namespace, name: template.name };
  const named = `MetricTemplate ${where.namespace}/${where.name}`;
  try {
    const object = await kube.get(resources.metricTemplates, where.namespace, where.name);
    if (object === undefined) {
      const why = 'is not there, or its kind (flagger.app/v1beta1) is not installed';
      return { kind: 'error', why: `templateRef: ${named} ${why}` };
    }
    return read(metric, where.namespace, named, object['spec']);
  } catch (error: unknown) {
    return { kind: 'error', why: `templateRef: ${named}: ${messageOf(error)}` };
  }
}

function read(metric: MetricSpec, namespace: string, named: string, given: unknown): Resolved | Failed {
  const findings: Findings = { mistakes: [], notes: [] };
  const spec = new Field('spec', given, findings);
  spec.at('provider').required('who is asked');
  spec.at('query').required('what is asked');
  const provider = providerOf(spec.at('provider'));
  const query = queryOf(spec.at('query'), provider, metric.variables);
  if (findings.mistakes.length > 0 || query === undefined) {
    const lines = findings.mistakes.map((mistake) => mistakeText(mistake, 'spec'));
    return { kind: 'error', why: `${named}: ${lines.join('; ')}` };
  }
  const { template: _, ...rest } = metric;
  return {
    ...{ kind: 'resolved', metric: { ...rest, query }, namespace },
    ...(provider === undefined ? {} : { provider }),
  };
}
