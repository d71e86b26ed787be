import { isMadeFor } from '../kube/deployment.ts';
import { hash } from '../kube/hash.ts';
import { routers } from '../kube/routers.ts';
import type { RouteSeen, State } from '../rollout/types.ts';
import { recall, splitServices } from '../routing/memory.ts';
import { mergeSeen } from '../routing/merge.ts';
import { servicePorts, twinServiceName } from '../routing/service.ts';
import type { Split } from '../routing/types.ts';
import type { Objects } from './objects.ts';
import type { EventShown, WeightShown } from './report.ts';

/** What one route object gives the candidate. */
export interface Given {
  readonly route: string;
  readonly seen: SplitSeen;
}

type SplitSeen = Extract<RouteSeen, { readonly kind: 'split' }>;

/** What the candidate is to have of the traffic, and what the routes give it. */
export function weightOf(
  objects: Objects,
  state: State | undefined,
  given: readonly Given[],
  events: readonly EventShown[],
): WeightShown {
  const seen = given.map(({ route, seen: { weight } }) => ({ route, weight }));
  const why = seen.length > 0 || state === undefined ? undefined : whyUnsplit(objects, state, events);
  const beside = besideText(given);
  return {
    ...{ asked: askedIn(state), seen },
    ...(beside === undefined ? {} : { beside }),
    ...(why === undefined ? {} : { unsplit: why }),
  };
}

function besideText(given: readonly Given[]): string | undefined {
  const beside = given.find(({ seen }) => seen.beside !== undefined)?.seen.beside;
  const parts = [
    ...(beside?.match === undefined ? [] : ['the requests that match']),
    ...(beside?.mirror === undefined ? [] : [`copies of ${beside.mirror} %`]),
    ...(beside?.affinity === undefined ? [] : ['whoever came to it before']),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** What all routes together give. */
export function mergedOf([first, ...others]: readonly Given[]): RouteSeen {
  if (first === undefined) return { kind: 'none', why: '' };
  return mergeSeen([first.seen, ...others.map(({ seen }) => seen)]);
}

function askedIn(state: State | undefined): number {
  switch (state?.phase) {
    case 'Promoting.Shift':
    case 'Promoting.Roll':
      return 100;
    case 'Starting':
    case 'Progressing':
    case 'Waiting':
    case 'Promoting.Return':
    case 'Rolling':
      return state.weight;
    default:
      return 0;
  }
}

/** Each route that holds a split of this Deployment's. */
export function givenIn({ main, services, routes }: Objects): readonly Given[] {
  const { namespace = '' } = main.metadata;
  return routes.flatMap(({ object, resource, router }) =>
    splitServices(object).flatMap((service) => {
      const twinService = twinServiceName(service.name, hash);
      const made = services.find(({ metadata }) => metadata.name === twinService);
      if (service.namespace !== namespace || made === undefined || !isMadeFor(made, main)) return [];
      const split: Split = { service: { ...service, ports: servicePorts(made) }, twinService };
      const seen = router.seen([object], split, recall(object, split)?.restriction);
      if (seen.kind === 'none') return [];
      const { name, namespace: elsewhere } = object.metadata;
      const where = elsewhere === namespace ? name : `${elsewhere}/${name}`;
      return [{ route: `${resource.kind} ${where}`, seen }];
    }),
  );
}

function whyUnsplit(
  { unread }: Objects,
  { phase }: State,
  events: readonly EventShown[],
): string | undefined {
  switch (phase) {
    case 'Pending':
      return 'nothing yet';
    case 'Starting':
      return 'nothing before its pods are ready';
    case 'Rolling':
      return "in place: the Deployment's own pods roll in steps";
    case 'Progressing':
    case 'Waiting':
      return (
        withoutTraffic(events) ??
        (mayReadRoutes(unread) ? 'no route gives it a share' : 'the routes may not be read')
      );
    default:
      return undefined;
  }
}

/** What the rollout itself said when it began. */
function withoutTraffic(events: readonly EventShown[]): string | undefined {
  const started = events.findLast(({ reason }) => reason === 'CanaryStarted');
  return started && /without traffic: (.+?)(?:; not split, since .*)?$/.exec(started.message)?.[1];
}

function mayReadRoutes(unread: readonly string[]): boolean {
  return !routers.some(({ resource }) => unread.includes(resource.plural));
}
