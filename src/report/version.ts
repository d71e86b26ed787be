import { configOf, readSeen } from '../config/config-seen.ts';
import { numberAt } from '../routing/json.ts';
import { containersIn } from '../kube/deployment.ts';
import type { KubeObject } from '../kube/objects.ts';
import type { Json, Ledger, State } from '../rollout/types.ts';
import { type Arm, armOf, type Objects, revisionsOf, templateFor } from './objects.ts';
import type { Report, Version } from './report.ts';

/** Both arms: what they run, and what they have answered. */
export function versionsOf(
  objects: Objects,
  state: State | undefined,
  ledger: Ledger | undefined,
): Pick<Report, 'stable' | 'candidate'> {
  const { stable, candidate } = revisionsOf(objects.main, state);
  const version = (revision: string, arm: Arm): Version => ({
    revision,
    images: containersIn(templateFor(objects, state, revision)).map(({ name, image }) => ({
      container: name,
      image,
    })),
    ...(arm === 'canary' ? configOfTrial(objects, templateFor(objects, state, revision)) : {}),
    pods: podsOf(objects, state, arm),
    ...answered(ledger, arm),
  });
  return {
    stable: version(stable, 'stable'),
    ...(candidate === undefined ? {} : { candidate: version(candidate, 'canary') }),
  };
}

/** What is tried beside the template: what the candidate's pods read otherwise than the stable ones. */
function configOfTrial({ main }: Objects, template: Json | undefined): Pick<Version, 'config'> {
  const seen = readSeen(main.metadata.annotations);
  const mark = template === undefined ? undefined : configOf(template);
  if (seen?.tried === undefined || mark === undefined || seen.tried.mark !== mark) return {};
  const { digests } = seen.tried;
  const refs = [...new Set([...Object.keys(digests), ...Object.keys(seen.digests)])];
  const changed = refs.filter((ref) => digests[ref] !== seen.digests[ref]).toSorted();
  return changed.length === 0 ? {} : { config: changed };
}

/** Counted by ReplicaSet, since main has pods of both while it rolls; by Deployment where those are not known. */
function podsOf(objects: Objects, state: State | undefined, arm: Arm): Version['pods'] {
  const { main, twin, sets } = objects;
  const whole = arm === 'stable' ? [main] : twin === undefined ? [] : [twin];
  const counted = sets.length === 0 ? whole : sets.filter((set) => armOf(objects, state, set) === arm);
  const sum = (count: (each: KubeObject) => number): number =>
    counted.reduce((total, each) => total + count(each), 0);
  return {
    ready: sum(({ status }) => numberAt(status, 'readyReplicas') ?? 0),
    wanted: sum(({ spec }) => numberAt(spec, 'replicas') ?? 1),
  };
}

function answered(
  ledger: Ledger | undefined,
  arm: Arm,
): Pick<Version, 'served' | 'p99Ms' | 'successPercent'> {
  const served = ledger?.comparison?.[arm];
  const { p99Ms, successPercent } = ledger?.last?.measured ?? {};
  const [p99, success] = [p99Ms, successPercent].map((both) => both?.[arm === 'canary' ? 0 : 1] ?? undefined);
  return {
    ...(served === undefined ? {} : { served: { requests: served.requests, errors: served.errors } }),
    ...(p99 === undefined ? {} : { p99Ms: p99 }),
    ...(success === undefined ? {} : { successPercent: success }),
  };
}
