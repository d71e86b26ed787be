// News of a rollout of Deployment shop/web, as the controller has it.
import type { MessageSettings } from '../../src/config/messages.ts';
import { writeLedger } from '../../src/config/state.ts';
import type { Telling } from '../../src/kube/event.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import type { News } from '../../src/notify/compose.ts';
import type { Ledger, State } from '../../src/rollout/types.ts';
import { usual } from '../config/plans.ts';

const at = Date.parse('2026-11-24T12:00:00Z');
export const identity = {
  v: 1,
  revision: '4f2a77c001',
  stableRevision: '9b1d33e002',
  actor: 'ann@example.com',
  ownPause: false,
} as const;
const evidence = ['success rate 93.1 % < 99 % (stable 99.9 %)', 'P99 210 ms <= 500 ms (stable 190 ms)'];

/** On trial at that weight. */
export function onTrial(
  weight: number,
  phase: 'Starting' | 'Progressing' | 'Waiting' = 'Progressing',
): State {
  const times = { startedAt: at - 300_000, since: at - 60_000 };
  return { ...identity, phase, ...times, needed: 4, weight, message: '' };
}

function rollingBack(message: string): State {
  return { ...identity, phase: 'RollingBack', ending: 'Failed', message, startedAt: at - 300_000 };
}

export function ended(phase: 'Succeeded' | 'Failed' | 'Aborted', message: string): State {
  return { ...identity, phase, startedAt: at - 300_000, endedAt: at, message };
}

export const pending: State = { ...identity, phase: 'Pending' };

/** The Deployment with a candidate of another image in its template, and five checks passed. */
export function aMain(candidate = 'registry/web:1.5', name = 'web', uid = 'u1'): KubeObject {
  const ledger: Ledger = {
    v: 1,
    ...{ revision: identity.revision, startedAt: at - 300_000, ticks: 6, passed: 5, failed: 1, silent: 0 },
    ...{ weight: 20, weightAt: at - 60_000, last: { at, weight: 20, verdict: 'fail', evidence } },
  };
  const back = [{ op: 'replace', path: '/spec/containers/0/image', value: 'registry/web:1.4' }];
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...{ name, namespace: 'shop', uid, resourceVersion: '7' },
      annotations: {
        [names.analysis]: writeLedger(ledger, 'twin'),
        [names.stable]: JSON.stringify(back),
      },
    },
    spec: { replicas: 4, template: { spec: { containers: [{ name: 'web', image: candidate }] } } },
  };
}

export function news(
  { type = 'Normal', reason, message }: Omit<Telling, 'type'> & Partial<Telling>,
  state: State,
  more: Partial<News> = {},
): News {
  const telling = { type, reason, message } as const;
  return { main: aMain(), spec: usual, before: onTrial(20), state, telling, at, ...more };
}

export const settings: MessageSettings = {
  receivers: [],
  linkTemplate: 'https://grafana.example.com/d/canary?var-namespace={{ namespace }}&var-stable={{ name }}',
  cluster: 'eu-1',
};

/** One of each kind, as they come to be said. */
export const everyKind: readonly News[] = [
  news(
    {
      reason: 'CanaryStarted',
      message: 'revision 4f2a77c001 asked for by ann@example.com is on trial, weights 10, 20, 30, 40, 50',
    },
    onTrial(0, 'Starting'),
    { before: pending },
  ),
  news({ reason: 'CanaryAdvanced', message: 'canary weight 20' }, onTrial(20)),
  news(
    { reason: 'CanarySucceeded', message: 'revision 4f2a77c001 was promoted' },
    ended('Succeeded', 'done'),
  ),
  failure('the canary is not ready: 0 of 1 pods are available after 60s (progressDeadlineSeconds)'),
  failure(`failed checks threshold reached (5): ${evidence[0]}`),
  failure('the canary broke: container web crashed again and again (CrashLoopBackOff)'),
  failure('aborted by bob@example.com: customers complain'),
  news(
    {
      reason: 'CanaryPaused',
      message: 'paused by bob@example.com: no more weight until resume, checks go on',
    },
    onTrial(20),
  ),
  news({ reason: 'CanaryResumed', message: 'resumed by bob@example.com' }, onTrial(20)),
  news(
    {
      reason: 'CanaryHeld',
      message: 'weight 20 holds: gate approval (confirm-promotion) is closed: not before ten',
    },
    onTrial(20, 'Waiting'),
  ),
  news(
    { type: 'Warning', reason: 'CanaryHeld', message: 'weight 20 holds, nothing is known: no traffic' },
    onTrial(20),
  ),
  news(
    { reason: 'CanaryAborted', message: 'the stable template was applied again' },
    ended('Aborted', 'the stable template was applied again'),
  ),
  news(
    { reason: 'CanaryStarted', message: 'revision 4f2a77c001 is tried again by bob@example.com' },
    pending,
  ),
];

function failure(message: string): News {
  return news({ type: 'Warning', reason: 'CanaryFailed', message }, rollingBack(message));
}

export const started = (more: Partial<News> = {}): News =>
  news({ reason: 'CanaryStarted', message: 'on trial' }, onTrial(0, 'Starting'), more);
export const advanced = (weight: number): News =>
  news({ reason: 'CanaryAdvanced', message: `canary weight ${weight}` }, onTrial(weight));
export const why = 'failed checks threshold reached (5): bad';
export const failed = (): News =>
  news({ type: 'Warning', reason: 'CanaryFailed', message: why }, rollingBack(why));
export const paused = (): News =>
  news({ reason: 'CanaryPaused', message: 'paused by bob: lunch' }, onTrial(20));
