import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { chosen, hears, keyOf } from '../../src/notify/receivers.ts';
import type { Alert } from '../../src/rollout/alert.ts';

const own = {
  namespace: 'shop',
  text: `receivers:
- {name: room, type: slack, secretRef: {name: s}}
- {name: on-call, type: msteams, severity: error, onlyNamed: true, secretRef: {name: s}}`,
};
const home = {
  namespace: 'serin-system',
  text: `receivers:
- {name: audit, type: cloudevents, severity: warn, secretRef: {name: s}}
- {name: pager, type: webhook, onlyNamed: true, secretRef: {name: s}}
- {name: room, type: discord, onlyNamed: true, secretRef: {name: s}}`,
};

/** Who hears, as `namespace/name severity`. */
function heard(alerts?: readonly Alert[], of = own): readonly string[] {
  return chosen(of, home, alerts).listeners.map((each) => `${keyOf(each)} ${each.severity}`);
}

test('where the plan says nothing, the namespace’s receivers hear and those of Serin’s own, but for those to be named', () => {
  deepEqual(heard(), ['shop/room info', 'serin-system/audit warn']);
  deepEqual(heard(undefined, { namespace: 'bare', text: '' }), ['serin-system/audit warn']);
});

test('in Serin’s own namespace nobody hears twice', () => {
  deepEqual(heard(undefined, home), ['serin-system/audit warn']);
});

test('whom the plan names hears in place of the namespace’s, with the plan’s severity; what is Serin’s own goes on', () => {
  deepEqual(heard([{ receiver: 'on-call', severity: 'warn' }]), [
    'shop/on-call warn',
    'serin-system/audit warn',
  ]);
  deepEqual(heard([]), ['serin-system/audit warn']);
  deepEqual(heard([{ receiver: 'audit', severity: 'info' }]), ['serin-system/audit info']);
});

test('a plan keeps nothing from a receiver of Serin’s own that hears anyway', () => {
  deepEqual(heard([{ receiver: 'audit', severity: 'error' }]), ['serin-system/audit warn']);
  deepEqual(heard([{ receiver: 'pager', severity: 'error' }]), [
    'serin-system/pager error',
    'serin-system/audit warn',
  ]);
});

test('a name is looked for in the plan’s namespace first, then in Serin’s, unless it says which', () => {
  deepEqual(heard([{ receiver: 'room', severity: 'info' }]), ['shop/room info', 'serin-system/audit warn']);
  deepEqual(heard([{ receiver: 'pager', severity: 'info' }]), [
    'serin-system/pager info',
    'serin-system/audit warn',
  ]);
  deepEqual(heard([{ receiver: 'room', namespace: 'serin-system', severity: 'info' }]), [
    'serin-system/room info',
    'serin-system/audit warn',
  ]);
});

test('a receiver that is nowhere is told of, unless settings cannot be read that may have it', () => {
  const alerts = [{ receiver: 'gone', severity: 'info' }] as const;
  deepEqual(chosen(own, home, alerts).mistakes, [
    'analysis.alerts names gone, which is no receiver of ConfigMap serin (messages.yaml) of namespace shop or serin-system',
  ]);
  deepEqual(chosen({ ...own, text: 'x: 1' }, home, alerts).mistakes, [
    'ConfigMap shop/serin, messages.yaml: x is not a known field',
  ]);
});

test('a severity lets itself through and what is worse', () => {
  deepEqual(
    (['info', 'warn', 'error'] as const).map((severity) => hears('warn', severity)),
    [false, true, true],
  );
});
