// Reads what a doctor looks at, as the user. Nothing is written: the webhook is asked by a dry run.
import { rhythmOf } from '../analysis/samples.ts';
import type { Clock } from '../clock.ts';
import { mistakesText, parseCanary } from '../config/canary.ts';
import { hasCode } from '../errors.ts';
import { type Kube, listAll } from '../kube/kube.ts';
import { type KubeObject, names, type Resource, resources } from '../kube/objects.ts';
import { canaryName } from '../routing/twin-labels.ts';
import { hash } from '../kube/hash.ts';
import type { JsonObject } from '../rollout/types.ts';
import { objectAt, textAt } from '../routing/json.ts';
import { isLabelled } from '../report/standing.ts';
import { type Install, probeAnnotation } from './check-install.ts';
import type { DeploymentSeen, PrometheusSeen, Target } from './check-target.ts';
import type { Seen } from './check.ts';
import type { Ask } from './call.ts';
import { dryRun, type Tried } from './dry-run.ts';
import type { Found } from './prometheus.ts';
import { mayDo, missingOf, wordsOf } from './rights.ts';
import { copiesAround, sceneOf, Sight } from './seen.ts';
import { doubtsIn } from './unwise.ts';

/** With what is asked, and after what. */
export interface Visit {
  readonly kube: Kube;
  readonly ask: Ask;
  /** The API server's, once it has answered. */
  readonly clock: Clock;
  readonly home: string;
  readonly namespace: string;
  readonly name?: string;
}

/** Undefined for a kind that the server does not have. */
async function seen<T>(read: () => Promise<T | undefined>): Promise<Seen<T>> {
  try {
    const found = await read();
    return found === undefined ? 'absent' : { found };
  } catch (error) {
    if (hasCode(error, 'KUBE_FORBIDDEN')) return 'forbidden';
    throw error;
  }
}

/** Reads everything about the installation. */
export async function examineInstall({ kube, ask, clock, home, namespace }: Visit): Promise<Install> {
  const one = (resource: Resource, inside: string | undefined, name: string): Promise<Seen<KubeObject>> =>
    seen(() => kube.get(resource, inside, name));
  const all = (policies: Resource): Promise<Seen<readonly string[]>> => seen(() => inForce(kube, policies));
  const [mutating, validating, secret, serin, lease, guards, holds, space] = await Promise.all([
    one(resources.mutatingWebhooks, undefined, 'serin'),
    one(resources.validatingWebhooks, undefined, 'serin'),
    one(resources.secrets, home, 'serin-certs'),
    one(resources.deployments, home, 'serin'),
    one(resources.leases, home, 'serin'),
    all(validatingPolicies),
    all(resources.mutatingPolicies),
    one(resources.namespaces, undefined, namespace),
  ]);
  const isAsked = typeof space === 'string' ? space === 'forbidden' : isLabelled(space.found);
  return {
    ...{ home, now: clock.now(), webhooks: { mutating, validating }, secret, serin, lease, guards, holds },
    ...(isAsked ? { asked: await probe(ask, namespace) } : {}),
  };
}

/** A policy without a binding of its name does nothing. */
async function inForce(kube: Kube, policies: Resource): Promise<readonly string[] | undefined> {
  const bindings = {
    ...policies,
    plural: policies.plural.replace(/ies$/, 'ybindings'),
    kind: `${policies.kind}Binding`,
  };
  const lists = await Promise.all([policies, bindings].map((each) => listAll(kube, each, {})));
  const [there, bound] = lists.map((list) => list?.map(({ metadata: { name } }) => name));
  return there?.filter((name) => bound?.includes(name));
}

const validatingPolicies: Resource = {
  ...{ group: 'admissionregistration.k8s.io', version: 'v1', plural: 'validatingadmissionpolicies' },
  ...{ kind: 'ValidatingAdmissionPolicy', namespaced: false },
};

/** A Deployment of no pods that nobody selects, with what only Serin may write. */
function probe(ask: Ask, namespace: string): Promise<Tried> {
  const labels = { 'serin.dev/doctor': 'asks' };
  const container = { name: 'none', image: `none@sha256:${'0'.repeat(64)}` };
  const body: JsonObject = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    metadata: { name: 'serin-doctor', namespace, annotations: { [probeAnnotation]: '[]' } },
    spec: {
      ...{ replicas: 0, selector: { matchLabels: labels } },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  };
  const path = `/apis/apps/v1/namespaces/${encodeURIComponent(namespace)}/deployments?dryRun=All`;
  return dryRun(ask, { method: 'POST', path, body });
}

/** Reads everything about what is to be released. */
export async function examineTarget(visit: Visit, prometheus: Found): Promise<Target> {
  const { kube, namespace, name, home } = visit;
  const [space, deployment, measured, mayRelease, missing] = await Promise.all([
    seen(() => kube.get(resources.namespaces, undefined, namespace)),
    name === undefined ? undefined : lookAt(kube, namespace, name),
    metricsIn(prometheus, namespace, name),
    mayDo(kube, { verb: 'patch', group: 'apps', resource: 'deployments', namespace }),
    missingOf(kube, `system:serviceaccount:${home}:serin`, namespace),
  ]);
  const rights = await wordsOf(kube, namespace, name);
  return {
    ...{ namespace, space, prometheus: measured, rights, mayRelease, missing },
    ...(deployment === undefined ? {} : { deployment }),
  };
}

async function lookAt(kube: Kube, namespace: string, name: string): Promise<DeploymentSeen> {
  const main = await kube.get(resources.deployments, namespace, name);
  if (main === undefined) return { is: 'absent', name };
  const sight = new Sight(kube);
  const copies = await copiesAround(sight, namespace);
  const defaults = textAt(objectAt(copies.settings.get(namespace, 'serin'), 'data'), 'canary.yaml');
  const parsed = parseCanary(main.metadata.annotations?.[names.canary], defaults);
  const base = { is: 'there', name, doubts: [], besides: [], unread: sight.unread } as const;
  if (parsed.ok !== true) {
    const plan =
      parsed.ok === 'disabled' ? ('disabled' as const) : { mistakes: mistakesText(parsed.mistakes) };
    return { ...base, plan, routes: { why: 'its plan says of none' } };
  }
  const doubts = doubtsIn(parsed.spec).map(({ path, text }) => `${path}: ${text}`);
  const { routing } = sceneOf(copies, main, parsed.spec);
  if (parsed.spec.promotion === 'inPlace' || parsed.spec.router === 'none')
    return { ...base, plan: 'fine', doubts, routes: 'unwanted' };
  if (routing.kind === 'none') return { ...base, plan: 'fine', doubts, routes: { why: routing.why } };
  const split = routing.ways.flatMap(({ routes, maker, split: { service } }) =>
    routes.length === 0
      ? [`${maker?.resource.kind ?? 'route'} ${service.name}`]
      : routes.map(({ object, resource }) => `${resource.kind} ${object.metadata.name}`),
  );
  const made = routing.ways.every(({ routes }) => routes.length === 0);
  return { ...base, plan: 'fine', doubts, routes: { split, made }, besides: routing.besides };
}

const windowMs = 300_000;

/** Whether Istio tells of the workload, and how often: the samples of five minutes say it. */
async function metricsIn(found: Found, namespace: string, name: string | undefined): Promise<PrometheusSeen> {
  if ('why' in found) return found;
  const workloads = name === undefined ? '.+' : `${name}|${canaryName(name, hash)}`;
  const selector = `istio_requests_total{destination_workload_namespace="${namespace}",destination_workload=~"${workloads}"}`;
  const of = name === undefined ? {} : { of: name };
  const answer = await found.asking.samples(`${selector}[${windowMs / 1000}s]`);
  if (answer.kind === 'error') return { why: answer.why };
  const { intervalMs } = rhythmOf(answer.series, () => '');
  return {
    ...{ series: answer.series.length, ...of },
    ...(intervalMs === undefined ? {} : { everyMs: intervalMs }),
  };
}
