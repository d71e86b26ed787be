// What people do with kubectl to a Deployment whose candidate is on trial, or has failed.
import { equal } from 'node:assert/strict';
import { aborted, abortedWarning, failed, gone, held, type Row, supersededWarning } from './row.ts';

const csa = 'patch by kubectl-client-side-apply';
const stays =
  'Warning: web stays paused: held by the canary, which promotes it by itself; to go back, kubectl set image deploy/web web=shop:1';
/** Nothing is said, and nothing changes. */
const asBefore = { told: '', asked: false };

export const onTrial: readonly Row[] = [
  {
    does: 'kubectl apply, the candidate again',
    begins: 'held',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:2') }),
    ends: held('nothing', 'shop:2', asBefore),
  },
  {
    does: 'kubectl apply --server-side, the candidate again',
    begins: 'held',
    act: (place) =>
      place.kubectl('apply --server-side --field-manager=ci --force-conflicts -f -', {
        input: place.manifest('shop:2'),
      }),
    ends: held('patch by ci, force; patch by ci; patch by ci, force', 'shop:2', asBefore),
  },
  {
    does: 'kubectl apply, a third version',
    begins: 'held',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:4') }),
    ends: held(csa, 'shop:4', { told: supersededWarning }),
  },
  {
    does: 'kubectl apply, the stable version',
    begins: 'held',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:1') }),
    ends: aborted(csa),
  },
  {
    does: 'kubectl set image, the stable version',
    begins: 'held',
    act: (place) => place.kubectl('set image deployment/$NAME web=shop:1'),
    ends: aborted('patch by kubectl-set'),
  },
  {
    does: 'kubectl set env',
    begins: 'held',
    note: 'changes the candidate, which begins anew',
    act: (place) => place.kubectl('set env deployment/$NAME SHOP_SEED=2'),
    ends: held('patch by kubectl-set', 'shop:2', { told: supersededWarning }),
  },
  {
    does: 'kubectl scale',
    begins: 'held',
    note: 'the stable version is scaled',
    act: (place) => place.kubectl('scale deployment/$NAME --replicas=2'),
    ends: held('patch scale', 'shop:2', asBefore),
    also: (place) => place.until('two stable pods', ({ status }) => available(status) === 2),
  },
  {
    does: 'kubectl label, kubectl annotate',
    begins: 'held',
    act: async (place) => {
      await place.kubectl('label deployment $NAME team=shop');
      return place.kubectl('annotate deployment $NAME note=fine');
    },
    ends: held('patch by kubectl-label; patch by kubectl-annotate', 'shop:2', asBefore),
  },
  {
    does: 'kubectl rollout restart',
    begins: 'held',
    note: 'kubectl itself refuses',
    act: (place) => place.kubectl('rollout restart deployment/$NAME'),
    ends: held('nothing', 'shop:2', {
      ...{ ...asBefore, code: 1 },
      told: 'error: deployments.apps "web" can\'t restart paused deployment (run rollout resume first)',
    }),
  },
  {
    does: 'kubectl rollout undo',
    begins: 'held',
    note: 'kubectl itself refuses; what leads back is told by resume',
    act: (place) => place.kubectl('rollout undo deployment/$NAME'),
    ends: held('nothing', 'shop:2', {
      ...{ ...asBefore, code: 1 },
      told: "error: you cannot rollback a paused deployment; resume it first with 'kubectl rollout resume' and try again",
    }),
  },
  {
    does: 'kubectl rollout resume',
    begins: 'held',
    act: (place) => place.kubectl('rollout resume deployment/$NAME'),
    ends: held('patch by kubectl-rollout', 'shop:2', { told: stays }),
  },
  {
    does: 'kubectl rollout pause',
    begins: 'held',
    note: 'kubectl itself refuses: it is paused',
    act: (place) => place.kubectl('rollout pause deployment/$NAME'),
    ends: held('nothing', 'shop:2', {
      ...{ ...asBefore, code: 1, told: 'error: deployments.apps "web" is already paused' },
    }),
  },
  {
    does: 'kubectl rollout status',
    begins: 'held',
    note: 'waits until the promotion is done',
    act: (place) => place.kubectl('rollout status deployment/$NAME --timeout=1s'),
    ends: held('nothing', 'shop:2', {
      ...{ ...asBefore, code: 1, told: 'error: timed out waiting for the condition' },
    }),
  },
  {
    does: 'kubectl replace, the candidate again',
    begins: 'held',
    note: 'a replace knows neither the pause nor the annotations',
    act: (place) => place.kubectl('replace -f -', { input: place.manifest('shop:2') }),
    ends: held('update by kubectl-replace', 'shop:2', {
      told: `${stays}\nWarning: serin.dev/state, serin.dev/stable are written by Serin alone: put back as before`,
    }),
  },
  {
    does: 'kubectl replace, the stable version',
    begins: 'held',
    act: (place) => place.kubectl('replace -f -', { input: place.manifest('shop:1') }),
    ends: aborted('update by kubectl-replace', { told: abortedWarning }),
  },
  {
    does: 'kubectl annotate, over what Serin wrote',
    begins: 'held',
    act: (place) => place.kubectl('annotate deployment $NAME --overwrite serin.dev/state={}'),
    ends: held('patch by kubectl-annotate', 'shop:2', {
      told: 'Warning: serin.dev/state is written by Serin alone: put back as before',
    }),
  },
  {
    does: 'kubectl annotate serin.dev/command=retry',
    begins: 'held',
    note: 'a command that makes no sense now is refused with what to do',
    act: (place) => place.kubectl('annotate deployment $NAME serin.dev/command=retry'),
    ends: held('patch by kubectl-annotate: 422', 'shop:2', {
      code: 1,
      told: 'The request is invalid: admission webhook "hold.serin.dev" denied the request: cannot retry web: revision REV is on trial; retry once it has failed',
    }),
  },
  {
    does: 'kubectl delete',
    begins: 'held',
    note: 'the twin and its routes go with it',
    act: (place) => place.kubectl('delete deployment $NAME'),
    ends: gone('delete'),
    also: async (place) => {
      const { code } = await place.kubectl('wait --for=delete deployment/$NAME-canary --timeout=60s');
      equal(code, 0);
    },
  },
];

export const afterFailure: readonly Row[] = [
  {
    does: 'kubectl rollout status',
    begins: 'failed',
    act: (place) => place.kubectl('rollout status deployment/$NAME'),
    ends: failed('nothing', { code: 1, told: 'error: deployment "web" exceeded its progress deadline' }),
  },
  {
    does: 'kubectl apply, the candidate again',
    begins: 'failed',
    note: 'kubectl sends nothing: it failed, and goes on to have failed',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:missing') }),
    ends: failed('nothing'),
  },
  {
    does: 'kubectl apply, a changed version',
    begins: 'failed',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:2') }),
    ends: held(csa, 'shop:2', { told: supersededWarning }),
  },
  {
    does: 'kubectl apply, the stable version',
    begins: 'failed',
    act: (place) => place.kubectl('apply -f -', { input: place.manifest('shop:1') }),
    ends: aborted(csa),
  },
  {
    does: 'kubectl rollout resume',
    begins: 'failed',
    act: (place) => place.kubectl('rollout resume deployment/$NAME'),
    ends: failed('patch by kubectl-rollout', {
      asked: true,
      told: 'Warning: revision REV failed its canary: change the template, or, to go back, kubectl set image deploy/web web=shop:1; why: the canary cannot start: pod web-canary-POD: container web cannot get its image shop:missing (ImagePullBackOff)',
    }),
  },
];

function available(status: unknown): unknown {
  return (status as { availableReplicas?: number } | undefined)?.availableReplicas;
}
