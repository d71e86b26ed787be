import { isDeepStrictEqual } from 'node:util';
import { configRefs, refName } from '../../../src/config/config-refs.ts';
import { readSeen } from '../../../src/config/config-seen.ts';
import { digester } from '../../../src/controller/config-digest.ts';
import { type KubeObject, resources } from '../../../src/kube/objects.ts';
import type { Json } from '../../../src/rollout/types.ts';
import { objectAt, textAt } from '../../../src/routing/json.ts';
import type { Write } from '../api/types.ts';
import type { Invariant, Report, World } from '../types.ts';
import {
  isBySerin,
  isCaredFor,
  isConfigChange,
  isOf,
  isOver,
  isTroubled,
  isTwin,
  keyOf,
  markOf,
  planOf,
  replicasOf,
  stateOf,
  templateOf,
} from './reading.ts';

/** A watch that fell silent is taken up again within it. */
const heardMs = 120_000;

/** The content of what pods read is part of what they run. */
export const i23: Invariant = {
  id: 'I23',
  says: 'a change of the data of what pods read becomes a candidate or is known to have been one, and nothing else of these objects does',
  watch(world, report) {
    /** Every content that each object ever had, by kind and key. */
    const contents = new Map<string, Json[]>();
    let unwantedUntil = Number.NEGATIVE_INFINITY;
    world.api.onWrite((write) => {
      const { object, type } = write;
      if (isOf(write, resources.configMaps) && object.metadata.namespace === 'serin-system')
        unwantedUntil = Math.max(unwantedUntil, uninstallUntil(object));
      if (isOf(write, resources.configMaps) || isOf(write, resources.secrets)) remember(contents, write);
      if (isOf(write, resources.deployments) && type === 'MODIFIED' && isBySerin(world, write))
        onMain(report, contents, write);
    });
    return () => {
      if (world.time.now < unwantedUntil + heardMs) return;
      for (const main of world.api.list(resources.deployments)) atRest(world, report, main);
    };
  },
};

function uninstallUntil(settings: KubeObject): number {
  const until = Date.parse(textAt(objectAt(settings, 'data'), 'uninstall') ?? '');
  return Number.isNaN(until) ? Number.NEGATIVE_INFINITY : until;
}

function nameOf(kind: string, namespace: string | undefined, name: string): string {
  return `${namespace ?? ''} ${kind}/${name}`;
}

function remember(contents: Map<string, Json[]>, { resource, object, type }: Write): void {
  const key = nameOf(resource.kind, object.metadata.namespace, object.metadata.name);
  const data = type === 'DELETED' ? null : objectAt(object, 'data');
  const known = contents.get(key) ?? [];
  contents.set(key, known);
  if (!known.some((each) => isDeepStrictEqual(each, data))) known.push(data);
}

/** A new mark is of objects that had another content some time. */
function onMain(report: Report, contents: ReadonlyMap<string, Json[]>, { object, previous }: Write): void {
  const state = stateOf(object);
  if (isTwin(object) || !isConfigChange(previous, object) || state?.phase !== 'Pending') return;
  report.checked();
  if (state.revision === state.stableRevision)
    report.broken(`${keyOf(object)} has what is stable on trial: the content was put back`);
  if (markOf(object) === undefined) return;
  const { namespace } = object.metadata;
  const isChanged = configRefs(templateOf(object)).some(
    (ref) => (contents.get(nameOf(ref.kind, namespace, ref.name)) ?? []).length > 1,
  );
  if (!isChanged)
    report.broken(`${keyOf(object)} is tried with another content, and nothing that it reads ever had one`);
}

/** At rest, what is noted of each object is what it holds. */
function atRest(world: World, report: Report, main: KubeObject): void {
  const { namespace, annotations } = main.metadata;
  const plan = planOf(world, main);
  const state = stateOf(main);
  if (isTwin(main) || !isCaredFor(world, namespace) || plan === undefined || plan.configTracking === false)
    return;
  if ((state !== undefined && !isOver(state)) || replicasOf(main) === 0) return;
  if (isTroubled(world, world.time.now, { afterMs: heardMs })) return;
  const key = world.api.get(resources.secrets, 'serin-system', 'serin-config');
  const seen = readSeen(annotations);
  if (key === undefined) return;
  const { contentOf } = digester(Buffer.from(textAt(objectAt(key, 'data'), 'key') ?? '', 'base64'));
  for (const ref of configRefs(templateOf(main))) {
    const resource = ref.kind === 'Secret' ? resources.secrets : resources.configMaps;
    const object = world.api.get(resource, namespace, ref.name);
    if (object === undefined) continue;
    report.checked();
    const digest = contentOf(object);
    const known = [seen?.digests, seen?.tried?.digests].map((each) => each?.[refName(ref)]);
    if (!known.includes(digest))
      report.broken(
        `at rest the content of ${refName(ref)} is nothing that was ever tried for ${keyOf(main)}`,
      );
  }
}
