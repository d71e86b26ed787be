import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parseCanary } from '../../src/config/canary.ts';
import { mistakeText } from '../../src/config/field.ts';
import { linkTo, parseMessages } from '../../src/config/messages.ts';
import { mistakesOf, withAnalysis } from './plans.ts';

test('receivers of every type are read, with what they leave out', () => {
  const text = `
cluster: eu-1
linkTemplate: https://grafana/d/x?ns={{ namespace }}&name={{name}}
receivers:
- {name: a, type: slack, channel: "#room", secretRef: {name: s1}}
- {name: b, type: gchat, severity: warn, secretRef: {name: s2}}
- {name: c, type: cloudevents, mode: binary, onlyNamed: true, secretRef: {name: s3}}`;
  const usual = { severity: 'info', onlyNamed: false, mode: 'structured' };
  deepEqual(parseMessages(text), {
    ok: true,
    settings: {
      cluster: 'eu-1',
      linkTemplate: 'https://grafana/d/x?ns={{ namespace }}&name={{name}}',
      receivers: [
        { ...usual, name: 'a', type: 'slack', channel: '#room', secretName: 's1' },
        { ...usual, name: 'b', type: 'googlechat', severity: 'warn', secretName: 's2' },
        { ...usual, name: 'c', type: 'cloudevents', mode: 'binary', onlyNamed: true, secretName: 's3' },
      ],
    },
  });
});

test('nobody hears of anything where nothing is said', () => {
  for (const text of [undefined, '', 'receivers: []', 'receivers:'])
    deepEqual(parseMessages(text), { ok: true, settings: { receivers: [] } });
});

test('every mistake is told at once, and what is secret is sent where it belongs', () => {
  const text = `
recievers: []
linkTemplate: https://grafana/{{ pod }}
receivers:
- {name: a, type: slak, secretRef: {name: s}}
- {name: b, type: msteams, channel: x, url: https://example.com, secretRef: {name: s}}
- {name: b, type: slack, severity: loud, token: xoxb, secretRef: {nam: s}}
- {type: webhook, mode: binary, address: x, onlyNamed: 1}
- 7`;
  const parsed = parseMessages(text);
  const secret =
    'belongs into the Secret that secretRef names: whoever reads this ConfigMap could write there in Serin’s name';
  deepEqual(parsed.ok ? [] : parsed.mistakes.map((each) => mistakeText(each, 'messages.yaml')), [
    'recievers is not a known field; did you mean receivers?',
    'receivers[0].type: expected slack or msteams or discord or googlechat or webhook or cloudevents, got "slak"',
    `receivers[1].url ${secret}`,
    'receivers[1].channel is not taken by msteams: its address leads to one place',
    `receivers[2].token ${secret}`,
    'receivers[2].secretRef.nam is not a known field; did you mean name?',
    'receivers[2].secretRef.name is missing: the name of the Secret is needed',
    'receivers[2].severity: expected info or warn or error, got "loud"',
    `receivers[3].address ${secret}`,
    'receivers[3].name is missing: the name of the receiver is needed',
    'receivers[3].secretRef is missing: the Secret that says where it is is needed',
    'receivers[3].mode is not taken by webhook',
    'receivers[3].onlyNamed: expected true or false, got 1',
    'receivers[4]: expected a map, got 7',
    'linkTemplate {{ pod }} is not filled in; namespace, name, revision are',
  ]);
});

test('a name stands for one receiver', () => {
  const parsed = parseMessages(
    'receivers: [{name: a, type: slack, secretRef: {name: s}}, {name: a, type: slack, secretRef: {name: t}}]',
  );
  deepEqual(parsed, {
    ok: false,
    mistakes: [{ path: 'receivers', problem: 'names a twice: give each a name of its own' }],
  });
});

test('a link takes names as parts of an address, and nothing more of them', () => {
  const linkTemplate = 'https://x/{{ namespace }}/{{name}}?r={{ revision }}';
  deepEqual(
    linkTo({ receivers: [], linkTemplate }, { namespace: 'a/b', name: '../c?', revision: '&d=1' }),
    'https://x/a%2Fb/..%2Fc%3F?r=%26d%3D1',
  );
  deepEqual(linkTo({ receivers: [] }, { namespace: 'a', name: 'b', revision: 'c' }), undefined);
});

test('alerts of a plan are read as Flagger writes them, and by the name of a receiver alone', () => {
  const text = `analysis:
  alerts:
  - {name: to the room, severity: warn, providerRef: {name: room, namespace: serin-system}}
  - {name: on-call, severity: error}
  - {name: all}`;
  const alerts = [
    { receiver: 'room', namespace: 'serin-system', severity: 'warn' },
    { receiver: 'on-call', severity: 'error' },
    { receiver: 'all', severity: 'info' },
  ] as const;
  deepEqual(parseCanary(text), { ok: true, spec: withAnalysis({ alerts }), notes: [] });
  deepEqual(parseCanary('analysis: {alerts: []}'), {
    ok: true,
    spec: withAnalysis({ alerts: [] }),
    notes: [],
  });
});

test('alerts that nobody would get are refused', () => {
  const text = 'analysis: {alerts: [{severity: info}, {name: a, severity: critical, providerRef: {}}, 1]}';
  deepEqual(mistakesOf(parseCanary(text)), [
    'analysis.alerts[0].name is missing: the name of a receiver (docs/messages.md) is needed',
    'analysis.alerts[1].providerRef.name is missing: the name of a receiver (docs/messages.md) is needed',
    'analysis.alerts[1].severity: expected info or warn or error, got "critical"',
    'analysis.alerts[2]: expected a map, got 1',
  ]);
  deepEqual(mistakesOf(parseCanary('alerts: [{name: a}]')), ['alerts stand under analysis, as in Flagger']);
});
