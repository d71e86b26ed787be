// Whether what somebody wants to release would be: its namespace, its plan, its traffic, and who may say what.
import type { KubeObject } from '../kube/objects.ts';
import { textAt } from '../routing/json.ts';
import { isLabelled } from '../report/standing.ts';
import { type Check, ok, problem, type Seen, untold, warning } from './check.ts';

/** What is read of a namespace and, where one is named, of a Deployment in it. */
export interface Target {
  readonly namespace: string;
  readonly space: Seen<KubeObject>;
  readonly deployment?: DeploymentSeen;
  readonly prometheus: PrometheusSeen;
  /** What the user may say to a rollout. */
  readonly rights: { readonly [verb: string]: boolean };
  readonly mayRelease: boolean;
  /** What Serin may not; or why that is not known. */
  readonly missing: readonly string[] | { readonly why: string };
}

export type DeploymentSeen =
  | { readonly is: 'absent'; readonly name: string }
  | {
      readonly is: 'there';
      readonly name: string;
      /** Why its plan cannot be followed, in lines; or `disabled`. */
      readonly plan: 'fine' | 'disabled' | { readonly mistakes: string };
      readonly doubts: readonly string[];
      readonly routes: RoutesSeen;
      readonly besides: readonly string[];
      readonly unread: readonly string[];
    };

/** The routes that are split, `made` where one is made for it; or why none is; `unwanted` where the plan wants none. */
type RoutesSeen =
  | 'unwanted'
  | { readonly split: readonly string[]; readonly made: boolean }
  | { readonly why: string };

export type PrometheusSeen =
  | { readonly why: string }
  /** Of the Deployment that is named, or of any: how many series, and how far apart their samples are. */
  | { readonly series: number; readonly everyMs?: number; readonly of?: string };

/** Every line about what is to be released. */
export function targetChecks(target: Target): readonly Check[] {
  return [
    namespaceCheck(target),
    ...deploymentChecks(target),
    prometheusCheck(target.prometheus, target.deployment),
    rightsCheck(target),
    controllerCheck(target.missing),
  ];
}

function namespaceCheck({ namespace, space }: Target): Check {
  const about = 'namespace';
  if (space === 'forbidden') return untold(about, `get Namespace ${namespace}`);
  if (space === 'absent') return problem(about, `there is no namespace ${namespace}`);
  const mode = textAt(space.found.metadata.labels, 'serin.dev/mode');
  if (isLabelled(space.found)) return ok(about, `${namespace} has serin.dev/mode=${mode}`);
  const seen =
    mode === undefined
      ? 'no label serin.dev/mode'
      : `serin.dev/mode=${mode}, which is none of canary and enforce`;
  return problem(
    about,
    `${namespace} has ${seen}: nothing is held there`,
    `kubectl label --overwrite namespace ${namespace} serin.dev/mode=canary`,
  );
}

function deploymentChecks({ deployment, namespace }: Target): readonly Check[] {
  if (deployment === undefined) return [];
  if (deployment.is === 'absent')
    return [problem('deployment', `there is no Deployment ${deployment.name} in ${namespace}`)];
  return [planCheck(deployment), routesCheck(deployment)];
}

type There = Extract<DeploymentSeen, { readonly is: 'there' }>;

function planCheck({ plan, doubts, name }: There): Check {
  const about = 'plan';
  if (plan === 'disabled') return warning(about, `${name} says disabled: its changes go out at once`);
  if (plan !== 'fine')
    return problem(about, `cannot be followed:\n${plan.mistakes}`, 'kubectl canary lint -f FILE');
  if (doubts.length > 0) return warning(about, doubts.join('\n'));
  return ok(about, 'can be followed');
}

function routesCheck({ routes, besides, unread, name }: There): Check {
  const about = 'routes';
  if (routes === 'unwanted') return ok(about, 'its plan splits no traffic');
  const unseen = unread.length === 0 ? '' : ` (you may not read ${unread.join(', ')})`;
  if ('why' in routes)
    return warning(
      about,
      `${name} is checked without traffic: ${routes.why}${unseen}`,
      'a Service that selects its pods, and a VirtualService or HTTPRoute that routes to it',
    );
  if (routes.made)
    return warning(
      about,
      `nothing routes to its Service yet: ${routes.split.join(', ')} is made during a canary${unseen}`,
      'that is fine for calls from inside the mesh; those of a gateway need a route of yours',
    );
  const more =
    besides.length === 0 ? '' : `; Service ${besides.join(', ')} has none, and its traffic stays with stable`;
  return besides.length === 0
    ? ok(about, `${routes.split.join(', ')}${unseen}`)
    : warning(about, `${routes.split.join(', ')}${more}${unseen}`);
}

/** Twice the usual 15 s: a check has less to go by, and a regression is seen later. */
const rareMs = 30_000;

function prometheusCheck(seen: PrometheusSeen, deployment: DeploymentSeen | undefined): Check {
  const about = 'prometheus';
  if ('why' in seen)
    return warning(about, `cannot be told: ${seen.why}`, '--prometheus-url URL, where you reach it yourself');
  const of = seen.of === undefined ? '' : ` of ${seen.of}`;
  if (seen.series === 0) {
    const text = `it answers, and has no istio_requests_total${of}: checks would be inconclusive`;
    return deployment === undefined || seen.of === undefined
      ? warning(about, text, 'is Istio scraped?')
      : warning(about, text, 'no requests of late, no sidecar or gateway before it, or Istio is not scraped');
  }
  if (seen.everyMs === undefined) return ok(about, `istio_requests_total${of}`);
  const text = `istio_requests_total${of}, a sample every ${Math.round(seen.everyMs / 1000)}s`;
  return seen.everyMs > rareMs
    ? warning(about, text, 'scrape every 15s or more often, or let Serin ask the proxies (--scrape)')
    : ok(about, text);
}

function rightsCheck({ rights, mayRelease, namespace }: Target): Check {
  const about = 'your rights';
  const verbs = Object.keys(rights);
  const may = [...(mayRelease ? ['release'] : []), ...verbs.filter((verb) => rights[verb] === true)];
  const mayNot = [...(mayRelease ? [] : ['release']), ...verbs.filter((verb) => rights[verb] !== true)];
  const text = [
    may.length === 0 ? 'you may say nothing' : `you may ${may.join(', ')}`,
    ...(mayNot.length === 0 ? [] : [`not ${mayNot.join(', ')}`]),
  ].join('; ');
  if (mayNot.length === 0) return ok(about, text);
  const todo = `kubectl -n ${namespace} create rolebinding NAME --clusterrole=serin-operator --user=USER`;
  return mayRelease ? { ...ok(about, text), todo } : warning(about, text);
}

function controllerCheck(missing: Target['missing']): Check {
  const about = 'its rights';
  if ('why' in missing) return warning(about, `cannot be told: ${missing.why}`);
  if (missing.length > 0)
    return problem(about, `Serin may not ${missing.join(', ')}`, 'kubectl apply -k manifests');
  return ok(about, 'Serin may do what it does');
}
