// What Argo CD and Flux send, sent by kubectl: Argo CD links kubectl's own code, and both apply as `kubectl apply
// --server-side` does, with their field managers and over every conflict.
import { equal } from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../src/kube/objects.ts';
import { without } from '../../src/routing/json.ts';
import type { Outcome } from '../rig/run-program.ts';
import {
  aborted,
  failed,
  held,
  heldWarning,
  type Place,
  type Row,
  serving,
  supersededWarning,
} from './row.ts';
import { shownBy } from './seen.ts';

type Apply = (place: Place, image: string) => Promise<Outcome>;

const clientSide: Apply = (place, image) =>
  place.kubectl('apply --field-manager=argocd-controller -f -', { input: place.manifest(image) });

const serverSide =
  (manager: string, flags = ''): Apply =>
  (place, image) =>
    place.kubectl(`apply --server-side --force-conflicts --field-manager=${manager} ${flags}-f -`, {
      input: place.manifest(image),
    });

const argoApply = serverSide('argocd-controller');
const fluxApply = serverSide('kustomize-controller');

/** Whether a tool that compares what it would get with what there is sees a difference; status and bookkeeping do not count. */
function differs(live: KubeObject, wanted: KubeObject): boolean {
  const shown = (each: KubeObject): unknown => {
    const { labels = {}, annotations = {} } = each.metadata;
    return { labels, annotations, rest: without(without(each, 'metadata'), 'status') };
  };
  return !isDeepStrictEqual(shown(live), shown(wanted));
}

async function predicted(
  place: Place,
  manager: string,
  image: string,
): Promise<readonly [KubeObject, Outcome]> {
  const said = await serverSide(manager, '--dry-run=server -o json ')(place, image);
  return [JSON.parse(said.stdout) as KubeObject, said];
}

/** Flux: what a dry run answers is compared with what is there, and applied only where the two differ. */
const reconcile: Apply = async (place, image) => {
  const [wanted, said] = await predicted(place, 'kustomize-controller', image);
  return differs(await place.now(), wanted) ? fluxApply(place, image) : said;
};

async function first(apply: Apply, place: Place): Promise<void> {
  equal((await apply(place, 'shop:1')).code, 0);
  await place.until('the stable version to serve', (each) => shownBy(each).kstatus === 'Current');
}

async function trial(apply: Apply, place: Place, image = 'shop:2'): Promise<void> {
  await first(apply, place);
  await apply(place, image);
  const phase = image === 'shop:2' ? 'Progressing' : 'Failed';
  await place.until(`the candidate to be ${phase}`, (each) => shownBy(each).phase === phase);
  await place.until(
    'the failure to be seen',
    (each) => phase !== 'Failed' || shownBy(each).kstatus === 'Failed',
  );
}

function syncs(how: string, apply: Apply, sent: string, again: string): readonly Row[] {
  return [
    {
      does: `Argo CD: sync (${how})`,
      begins: 'absent',
      prepare: (place) => first(apply, place),
      act: (place) => apply(place, 'shop:2'),
      ends: held(sent, 'shop:2'),
    },
    {
      does: `Argo CD: self-heal, on trial (${how})`,
      begins: 'absent',
      prepare: (place) => trial(apply, place),
      act: (place) => apply(place, 'shop:2'),
      ends: held(again, 'shop:2', { told: '', asked: false }),
    },
    {
      does: `Argo CD: sync of a git revert, on trial (${how})`,
      begins: 'absent',
      prepare: (place) => trial(apply, place),
      act: (place) => apply(place, 'shop:1'),
      ends: aborted(sent),
    },
  ];
}

/** A dry run of Argo CD's, and what it makes of the answer. */
function sees(sync: 'Synced' | 'OutOfSync', image: string): Pick<Row, 'act' | 'also'> {
  return {
    act: async (place) => (await predicted(place, 'argocd-controller', image))[1],
    also: async (place) => {
      const [wanted] = await predicted(place, 'argocd-controller', image);
      equal(differs(await place.now(), wanted) ? 'OutOfSync' : 'Synced', sync);
    },
  };
}

const argoDryRun = 'patch by argocd-controller, force, dry run';

export const argo: readonly Row[] = [
  ...syncs('client-side', clientSide, 'patch by argocd-controller', 'nothing'),
  ...syncs(
    'server-side',
    argoApply,
    'patch by argocd-controller, force',
    'patch by argocd-controller, force',
  ),
  {
    does: 'Argo CD: server-side diff, a new version',
    begins: 'absent',
    note: 'OutOfSync, so that it syncs',
    prepare: (place) => first(argoApply, place),
    ...sees('OutOfSync', 'shop:2'),
    ends: serving(argoDryRun, { asked: true, told: heldWarning }),
  },
  {
    does: 'Argo CD: server-side diff, on trial',
    begins: 'absent',
    note: 'Synced',
    prepare: (place) => trial(argoApply, place),
    ...sees('Synced', 'shop:2'),
    ends: held(argoDryRun, 'shop:2', { told: '', asked: false }),
  },
  {
    does: 'Argo CD: server-side diff, after a failure',
    begins: 'absent',
    note: 'Synced; the health stays Suspended, which is what Argo CD calls every paused Deployment',
    prepare: (place) => trial(argoApply, place, 'shop:missing'),
    ...sees('Synced', 'shop:missing'),
    ends: failed(argoDryRun),
  },
];

const dryRun = 'patch by kustomize-controller, force, dry run';
const applied = `${dryRun}; patch by kustomize-controller, force`;

export const flux: readonly Row[] = [
  {
    does: 'Flux: a new version',
    begins: 'absent',
    prepare: (place) => first(fluxApply, place),
    act: (place) => reconcile(place, 'shop:2'),
    ends: held(applied, 'shop:2'),
  },
  {
    does: 'Flux: the next reconciliation, on trial',
    begins: 'absent',
    note: 'the dry run shows no difference, and nothing is applied',
    prepare: (place) => trial(fluxApply, place),
    act: (place) => reconcile(place, 'shop:2'),
    ends: held(dryRun, 'shop:2', { told: '', asked: false }),
  },
  {
    does: 'Flux: a third version, on trial',
    begins: 'absent',
    prepare: (place) => trial(fluxApply, place),
    act: (place) => reconcile(place, 'shop:4'),
    ends: held(applied, 'shop:4', { told: supersededWarning }),
  },
  {
    does: 'Flux: a git revert, on trial',
    begins: 'absent',
    prepare: (place) => trial(fluxApply, place),
    act: (place) => reconcile(place, 'shop:1'),
    ends: aborted(applied),
  },
  {
    does: 'Flux: the next reconciliation, after a failure',
    begins: 'absent',
    note: 'a Kustomization with `wait: true` fails',
    prepare: (place) => trial(fluxApply, place, 'shop:missing'),
    act: (place) => reconcile(place, 'shop:missing'),
    ends: failed(dryRun),
  },
];
