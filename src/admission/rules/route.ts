import type { JsonObject } from '../../rollout/types.ts';
import { listAt, objectAt, textAt } from '../../routing/json.ts';
import { type Flow, flowsOf, serviceOf, shortHost } from './flows.ts';
import { behind, guardedService, isServing, listed } from './guarded.ts';
import type { Around, Attempt, Finding, Rule } from './rule.ts';

const operations = ['CREATE', 'UPDATE', 'DELETE'] as const;

/** Routes may move traffic by steps; all of it at once is what a canary is there to prevent. */
export const route: Rule = {
  id: 'route',
  effect: 'refuse',
  looksAt: [
    { resource: 'networking.istio.io/virtualservices', operations },
    { resource: 'gateway.networking.k8s.io/httproutes', operations },
    { resource: 'gateway.networking.k8s.io/grpcroutes', operations },
  ],
  async check(attempt, around) {
    if (attempt.operation === 'DELETE') return onDelete(attempt, around);
    const { resource, name, object, oldObject } = attempt;
    const before = [...flowsOf(resource, oldObject), ...impliedBy(attempt, around)];
    const moves = flowsOf(resource, object).flatMap((flow) => movesInto(flow, before, around));
    if (moves.length === 0) return [];
    const { step } = (await around.settings()).floor;
    const todo = `move at most ${step} percent in one step, or change the image of the Deployment: its canary moves the traffic`;
    return moves.flatMap(({ from, to, percent }): readonly Finding[] => {
      const isTwins = isTwinService(serviceOf(to), around);
      if (percent <= step && !isTwins) return [];
      const share = `${Math.round(percent)} percent of the traffic of ${from}`;
      return [{ seen: `${name} would move ${share} to ${to} at once`, todo: isTwins ? leaveTwin : todo }];
    });
  },
};

const leaveTwin =
  'leave the canary its share: Serin alone changes it, and applying the stable template ends it';

interface Move {
  readonly from: string;
  readonly to: string;
  readonly percent: number;
}

/** What a route takes from the guarded Services that had its requests before. */
function movesInto(flow: Flow, before: readonly Flow[], around: Around): readonly Move[] {
  const same = before.filter(({ key }) => key === flow.key);
  // A route for everything takes the requests of every route that it comes before.
  const sources = same.length === 0 && flow.takesAll ? before : same;
  return sources.flatMap((source) => {
    const from = [...source.shares.keys()].find(
      (each) => guardedService(serviceOf(each), around) !== undefined,
    );
    if (from === undefined) return [];
    return [...flow.shares].flatMap(([to, share]) => {
      const percent = share - (source.shares.get(to) ?? 0);
      return percent > 0 && to !== from ? [{ from, to, percent }] : [];
    });
  });
}

/** A host that comes into the mesh's routing had its requests sent to its Service until then. */
function impliedBy({ object, oldObject }: Attempt, around: Around): readonly Flow[] {
  const before = meshHosts(oldObject);
  const hosts = meshHosts(object).filter((host) => !before.includes(host));
  return hosts.flatMap((host): readonly Flow[] =>
    guardedService(host, around) === undefined
      ? []
      : [{ key: 'all', takesAll: true, shares: new Map([[host, 100]]) }],
  );
}

function meshHosts(virtualService: JsonObject): readonly string[] {
  const spec = objectAt(virtualService, 'spec');
  const gateways = listAt(spec, 'gateways');
  if (gateways.length > 0 && !gateways.includes('mesh')) return [];
  const namespace = textAt(virtualService['metadata'], 'namespace') ?? '';
  return listAt(spec, 'hosts').flatMap((host) =>
    typeof host === 'string' ? [shortHost(host, namespace)] : [],
  );
}

/** Without its routes the requests go wherever Kubernetes sends them, and those created next can lead anywhere. */
function onDelete({ resource, name, oldObject }: Attempt, around: Around): readonly Finding[] {
  const destinations = flowsOf(resource, oldObject).flatMap(({ shares }) => [...shares.keys()]);
  const services = destinations.flatMap((each) => guardedService(serviceOf(each), around) ?? []);
  const serving = services.flatMap((service) => behind(service, around)).filter(isServing);
  if (serving.length === 0) return [];
  const deployments = listed([...new Set(serving.map(({ metadata }) => metadata.name))]);
  return [
    {
      seen: `${name} leads to ${deployments}, which serves`,
      todo: `change ${name} in place; to take it down for good, scale ${deployments} to zero first`,
    },
  ];
}

function isTwinService(name: string, around: Around): boolean {
  const service = around.services().find(({ metadata }) => metadata.name === name);
  return service?.metadata.labels?.['app.kubernetes.io/managed-by'] === 'serin';
}
