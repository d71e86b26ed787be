// What people do with kubectl to a Deployment that serves.
import { deepEqual } from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { abortedWarning, gone, held, heldWarning, type Row, serving, supersededWarning } from './row.ts';
import { environmentOf, historyOf } from './seen.ts';

const conflict =
  'error: Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.template.spec.containers[name="web"].image';
const csa = 'patch by kubectl-client-side-apply';
const kustomizePatch = '{"spec":{"template":{"spec":{"containers":[{"name":"web","image":"shop:2"}]}}}}';
const jsonPatch = '[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"shop:2"}]';

export const changing: readonly Row[] = [
  {
    does: 'kubectl apply',
    begins: 'serving',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:2') }),
    ends: held(csa, 'shop:2'),
  },
  {
    does: 'kubectl apply --server-side, where another manager owns the image',
    begins: 'serving',
    note: 'the API server refuses before anybody is asked',
    act: (place) =>
      place.kubectl('apply --server-side --field-manager=ci -f -', { input: place.manifest('shop:2') }),
    ends: serving('patch by ci: 409', { code: 1, told: conflict }),
  },
  {
    does: 'kubectl apply --server-side --force-conflicts',
    begins: 'serving',
    note: 'kubectl moves the fields of an earlier client-side apply over in a second and third request',
    act: (place) =>
      place.kubectl('apply --server-side --field-manager=ci --force-conflicts -f -', {
        input: place.manifest('shop:2'),
      }),
    ends: held('patch by ci, force; patch by ci; patch by ci, force', 'shop:2'),
  },
  {
    does: 'kubectl apply --dry-run=server',
    begins: 'serving',
    note: 'the answer of the real one; nothing is written',
    act: (place) => place.kubectl('apply --dry-run=server -f -', { input: place.manifest('shop:2') }),
    ends: serving(`${csa}, dry run`, { asked: true, told: heldWarning }),
  },
  {
    does: 'kubectl apply --prune',
    begins: 'serving',
    note: 'the twin carries none of the labels that are pruned by',
    act: (place) =>
      place.kubectl('apply --prune -l row=$NAME --prune-allowlist=apps/v1/Deployment -f -', {
        input: place.manifest('shop:2'),
      }),
    ends: held(csa, 'shop:2'),
  },
  {
    does: 'kubectl set image',
    begins: 'serving',
    act: (place) => place.kubectl('set image deployment/$NAME web=shop:2'),
    ends: held('patch by kubectl-set', 'shop:2'),
  },
  {
    does: 'kubectl set env',
    begins: 'serving',
    act: (place) => place.kubectl('set env deployment/$NAME SHOP_SEED=2'),
    ends: held('patch by kubectl-set', 'shop:1'),
  },
  {
    does: 'kubectl set resources',
    begins: 'serving',
    act: (place) => place.kubectl('set resources deployment/$NAME --limits=cpu=1'),
    ends: held('patch by kubectl-set', 'shop:1'),
  },
  {
    does: 'kubectl edit',
    begins: 'serving',
    act: async (place) => {
      const editor = join(place.folder, 'editor');
      writeFileSync(editor, '#!/bin/sh\nsed -i s/shop:1/shop:2/ "$1"\n', { mode: 0o755 });
      return place.kubectl('edit deployment $NAME', { env: { KUBE_EDITOR: editor } });
    },
    ends: held('patch by kubectl-edit', 'shop:2'),
  },
  {
    does: 'kubectl patch (strategic)',
    begins: 'serving',
    act: (place) => place.kubectl(`patch deployment $NAME -p ${kustomizePatch}`),
    ends: held('patch by kubectl-patch', 'shop:2'),
  },
  {
    does: 'kubectl patch --type=merge',
    begins: 'serving',
    act: (place) => place.kubectl(`patch deployment $NAME --type=merge -p ${kustomizePatch}`),
    ends: held('patch by kubectl-patch', 'shop:2'),
  },
  {
    does: 'kubectl patch --type=json',
    begins: 'serving',
    act: (place) => place.kubectl(`patch deployment $NAME --type=json -p ${jsonPatch}`),
    ends: held('patch by kubectl-patch', 'shop:2'),
  },
  {
    does: 'kubectl replace',
    begins: 'serving',
    act: (place) => place.kubectl('replace -f -', { input: place.manifest('shop:2') }),
    ends: held('update by kubectl-replace', 'shop:2'),
  },
  {
    does: 'kubectl replace --force',
    begins: 'serving',
    note: 'deletes and creates: nothing is left that a canary could protect; refused in `enforce`',
    act: (place) =>
      place.kubectl('replace --force --grace-period=1 -f -', { input: place.manifest('shop:2') }),
    ends: serving('delete; create by kubectl-replace', {
      ...{ template: 'shop:2', pods: 'replaced' },
    }),
  },
  {
    does: 'kubectl rollout undo, to another version',
    begins: 'upgraded',
    note: 'the version before is a candidate like any other',
    act: (place) => place.kubectl('rollout undo deployment/$NAME'),
    ends: held('patch', 'shop:0'),
  },
  {
    does: 'kubectl rollout undo, of a restart',
    begins: 'serving',
    act: async (place) => {
      await place.kubectl('rollout restart deployment/$NAME');
      await place.kubectl('rollout status deployment/$NAME --timeout=60s');
      return place.kubectl('rollout undo deployment/$NAME');
    },
    ends: serving('patch by kubectl-rollout; patch', { asked: true, pods: 'replaced' }),
  },
];

export const besides: readonly Row[] = [
  {
    does: 'kubectl apply, nothing changed',
    begins: 'serving',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:1') }),
    ends: serving('nothing'),
  },
  {
    does: 'kubectl scale',
    begins: 'serving',
    act: (place) => place.kubectl('scale deployment/$NAME --replicas=2'),
    ends: serving('patch scale'),
  },
  {
    does: 'kubectl label, kubectl annotate',
    begins: 'serving',
    act: async (place) => {
      await place.kubectl('label deployment $NAME team=shop');
      return place.kubectl('annotate deployment $NAME note=fine');
    },
    ends: serving('patch by kubectl-label; patch by kubectl-annotate'),
  },
  {
    does: 'kubectl rollout restart',
    begins: 'serving',
    act: (place) => place.kubectl('rollout restart deployment/$NAME'),
    ends: serving('patch by kubectl-rollout', { asked: true, pods: 'replaced' }),
  },
  {
    does: 'kubectl rollout pause',
    begins: 'serving',
    act: (place) => place.kubectl('rollout pause deployment/$NAME'),
    ends: serving('patch by kubectl-rollout', {
      ...{ asked: true, hold: 'paused', argo: 'Suspended', kstatus: 'InProgress' },
    }),
  },
  {
    does: 'kubectl rollout resume',
    begins: 'paused',
    act: (place) => place.kubectl('rollout resume deployment/$NAME'),
    ends: serving('patch by kubectl-rollout', { asked: true }),
  },
  {
    does: 'kubectl set image, paused by its owner',
    begins: 'paused',
    note: 'the pause is remembered: it is there again after the rollout',
    act: (place) => place.kubectl('set image deployment/$NAME web=shop:2'),
    ends: held('patch by kubectl-set', 'shop:2'),
  },
  {
    does: 'kubectl set image, there and back, paused by its owner',
    begins: 'paused',
    act: async (place) => {
      await place.kubectl('set image deployment/$NAME web=shop:2');
      return place.kubectl('set image deployment/$NAME web=shop:1');
    },
    ends: serving('patch by kubectl-set; patch by kubectl-set', {
      ...{ asked: true, hold: 'paused', phase: 'Aborted', argo: 'Suspended', kstatus: 'InProgress' },
      told: abortedWarning,
    }),
  },
  {
    does: 'kubectl delete',
    begins: 'serving',
    act: (place) => place.kubectl('delete deployment $NAME'),
    ends: gone('delete'),
  },
  {
    does: 'kubectl rollout undo, after a rollout that was ended',
    begins: 'aborted',
    note: 'undo brings the annotations of an old ReplicaSet: those of Serin are put back',
    act: async (place) => {
      await place.kubectl('rollout restart deployment/$NAME');
      await place.kubectl('rollout status deployment/$NAME --timeout=60s');
      return place.kubectl('rollout undo deployment/$NAME');
    },
    ends: serving('patch by kubectl-rollout; patch', {
      ...{ asked: true, phase: 'Aborted', pods: 'replaced' },
    }),
    also: async (place, before) => {
      deepEqual(historyOf(await place.now()), historyOf(before));
    },
  },
  {
    does: 'kubectl set image, then kubectl set env',
    begins: 'serving',
    note: 'both changes are in the candidate',
    act: async (place) => {
      await place.kubectl('set image deployment/$NAME web=shop:2');
      return place.kubectl('set env deployment/$NAME SHOP_SEED=2');
    },
    ends: held('patch by kubectl-set; patch by kubectl-set', 'shop:2', {
      told: supersededWarning,
    }),
    also: async (place) => {
      deepEqual(environmentOf(await place.now()), { SHOP_SEED: '2' });
    },
  },
];
