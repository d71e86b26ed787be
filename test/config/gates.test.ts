import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import type { Gate } from '../../src/rollout/gate.ts';
import { withAnalysis } from './plans.ts';

const asked: Omit<Gate, 'name' | 'type' | 'url'> = {
  ...{ timeoutMs: 10_000, retries: 0, muteAlert: false, disableTls: false },
  metadata: {},
};

const everyType = `analysis:
  webhooks:
  - {name: lane, type: confirm-rollout, url: http://gate.ci/lane}
  - name: smoke
    type: pre-rollout
    url: https://tests.ci:8443/run?suite=smoke
    timeout: 1m30s
    retries: 2
    muteAlert: true
    disableTLS: true
    metadata: {type: bash, cmd: curl -s http://web/healthz, note: ""}
    secretRef: {name: hooks}
  - {name: load, url: http://load.ci/}
  - {name: load again, type: "", url: http://load.ci/}
  - {name: more, type: confirm-traffic-increase, url: http://gate.ci/more}
  - {name: lane, type: confirm-promotion, url: http://gate.ci/promote}
  - {name: back, type: rollback, url: http://gate.ci/back}
  - {name: done, type: post-rollout, url: http://chat.ci/}
  - {name: told, type: event, url: http://chat.ci/}
`;

const gates: readonly Gate[] = [
  { ...asked, name: 'lane', type: 'confirm-rollout', url: 'http://gate.ci/lane' },
  {
    ...{ name: 'smoke', type: 'pre-rollout', url: 'https://tests.ci:8443/run?suite=smoke' },
    ...{ timeoutMs: 90_000, retries: 2, muteAlert: true, disableTls: true, secret: 'hooks' },
    metadata: { type: 'bash', cmd: 'curl -s http://web/healthz', note: '' },
  },
  { ...asked, name: 'load', type: 'rollout', url: 'http://load.ci/' },
  { ...asked, name: 'load again', type: 'rollout', url: 'http://load.ci/' },
  { ...asked, name: 'more', type: 'confirm-traffic-increase', url: 'http://gate.ci/more' },
  { ...asked, name: 'lane', type: 'confirm-promotion', url: 'http://gate.ci/promote' },
  { ...asked, name: 'back', type: 'rollback', url: 'http://gate.ci/back' },
  { ...asked, name: 'done', type: 'post-rollout', url: 'http://chat.ci/' },
  { ...asked, name: 'told', type: 'event', url: 'http://chat.ci/' },
];

test('gates and hooks of every type are read, and the one without a type is asked at every check', () =>
  deepEqual(parseCanary(everyType), { ok: true, spec: withAnalysis({ gates }), notes: [] }));
