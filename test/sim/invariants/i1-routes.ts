import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../../src/kube/objects.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { numberAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import { called, isBySerin, isMade, isOfRoute, routeKinds } from './reading.ts';
import { ownersView } from './owners-view.ts';
import { commonOf, isAdded, listsOf, notesOf, pairsOf, serviceOf } from './routes.ts';
import { type View, viewOf } from './view.ts';

/** At every write of Serin to a route, all in it but the split is as its owner wrote it last. */
export const i1: Invariant = {
  id: 'I1',
  says: 'weights are whole percents that sum to what the owner gave, wherever the Service is sent to, and nothing else in a route is touched',
  watch(world, report) {
    const view = viewOf(world);
    const owners = new Map<string, JsonObject>();
    world.api.onWrite((write) => {
      if (!isOfRoute(write)) return;
      const { object, type } = write;
      if (isBySerin(world, write)) onSerins(write, view, report, owners.get(object.metadata.uid));
      if (type === 'DELETED') owners.delete(object.metadata.uid);
      else if (type === 'ADDED' || !isBySerin(world, write))
        owners.set(object.metadata.uid, ownersView(object, view.twinServices));
    });
    return () => atRest(world, view, report, owners);
  },
};

function onSerins({ type, object }: Write, view: View, report: Report, owners: JsonObject | undefined): void {
  report.checked();
  const name = called(object);
  if (type !== 'MODIFIED') {
    if (!isMade(object))
      report.broken(`${name} was ${type === 'ADDED' ? 'made' : 'deleted'} and is its owner's`);
    return;
  }
  const now = ownersView(object, view.twinServices);
  if (owners !== undefined && !isDeepStrictEqual(now, owners))
    report.broken(`${name} without the split is no longer as its owner wrote it: ${difference(owners, now)}`);
  for (const pair of pairsOf(object, view.twinServices)) {
    if (!isDeepStrictEqual(commonOf(pair.twin), commonOf(pair.stable)))
      report.broken(`${name}: ${pair.path} differs from the destination it stands beside`);
    checkWeight(object, pair, report);
  }
  checkAll(object, view, report);
}

/** What has a weight has it wherever the route sends to the Service: with http, tls and tcp alike. */
function checkAll(object: KubeObject, { twinServices }: View, report: Report): void {
  const home = object.metadata.namespace ?? '';
  const isTwins = (service: string): boolean => twinServices.isTwins(service, object);
  const given = notesOf(object).filter(({ weight }) => weight > 0);
  for (const list of listsOf(object).filter((each) => !isAdded(each, home, isTwins))) {
    const services = list.entries.map((entry) => serviceOf(entry, home));
    const lacking = given.find(
      ({ service, twinService }) => services.includes(service) && !services.includes(twinService),
    );
    if (lacking !== undefined)
      report.broken(
        `${called(object)}: ${list.path} gives nothing to ${lacking.twinService}, which is to have ${lacking.weight} percent`,
      );
  }
}

/** The share of the twin is the one that is written down, as near as whole numbers come to it. */
function checkWeight(object: KubeObject, pair: ReturnType<typeof pairsOf>[number], report: Report): void {
  const [twin, stable] = [numberAt(pair.twin, 'weight') ?? -1, numberAt(pair.stable, 'weight') ?? -1];
  const asked = notesOf(object).find(({ twinService }) => twinService === pair.twinService)?.weight;
  const whole = twin + stable;
  // Those of Gateway API are parts of their sum, whatever it is.
  const most = object['kind'] === 'VirtualService' ? 100 : 1_000_000;
  const isWhole = [twin, stable].every((weight) => Number.isInteger(weight) && weight >= 0 && weight <= most);
  const off = Math.abs(twin - (whole * (asked ?? -1)) / 100);
  if (!isWhole || off > 1)
    report.broken(
      `${called(object)}: ${pair.path} has ${twin} beside ${stable}, ${asked} percent is written down`,
    );
}

/** At the end a route without our annotation is its owner's to the last field. */
function atRest(world: World, view: View, report: Report, owners: ReadonlyMap<string, JsonObject>): void {
  for (const object of routeKinds.flatMap((kind) => world.api.list(kind))) {
    const written = owners.get(object.metadata.uid);
    if (written === undefined || notesOf(object).length > 0) continue;
    report.checked();
    const spec: Json = object['spec'] ?? {};
    if (!isDeepStrictEqual(spec, written['spec']))
      report.broken(
        `${called(object)} is not given back as its owner wrote it: ${difference(written, ownersView(object, view.twinServices))}`,
      );
  }
}

/** The first field that differs, as a path with both values. */
function difference(before: Json, after: Json, path = ''): string {
  const isDeep = [before, after].every((each) => typeof each === 'object' && each !== null);
  if (!isDeep) return `${path} was ${JSON.stringify(before)}, is ${JSON.stringify(after)}`;
  const [from, to] = [before as JsonObject, after as JsonObject];
  const keys = [...new Set([...Object.keys(from), ...Object.keys(to)])].sort();
  const key = keys.find((each) => !isDeepStrictEqual(from[each], to[each]));
  if (key === undefined) return `${path} does not differ`;
  if (!(key in from) || !(key in to)) return `${path}.${key} ${key in to ? 'came' : 'went'}`;
  return difference(from[key] ?? null, to[key] ?? null, `${path}.${key}`);
}
