import type { Case } from './case.ts';

export const told: readonly Case[] = [
  {
    ...{ alert: 'SerinMessagesFailing', name: 'messages to Slack are lost', at: '10m' },
    series: {
      'serin_messages_total{kind="slack",outcome="failed"}': '0+1x10',
      'serin_messages_total{kind="slack",outcome="dropped"}': '0x10',
      'serin_messages_total{kind="webhook",outcome="failed"}': '0x10',
    },
    fires: {
      labels: { kind: 'slack' },
      summary: 'Messages to slack are not heard.',
      description: '10 messages of the last 15 minutes were lost; an Event of each Deployment says why.',
    },
  },
  {
    ...{ alert: 'SerinMessagesFailing', name: 'messages are told', at: '10m' },
    series: {
      'serin_messages_total{kind="slack",outcome="told"}': '0+1x10',
      'serin_messages_total{kind="slack",outcome="failed"}': '2x10',
    },
  },
  {
    ...{ alert: 'SerinHooksFailing', name: 'news is dropped', at: '10m' },
    series: {
      'serin_hooks_total{outcome="failed"}': '0x10',
      'serin_hooks_total{outcome="dropped"}': '0+2x10',
    },
    fires: { description: '20 pieces of news of the last 15 minutes were lost.' },
  },
  {
    ...{ alert: 'SerinHooksFailing', name: 'all is told', at: '10m' },
    series: { 'serin_hooks_total{outcome="told"}': '0+2x10', 'serin_hooks_total{outcome="failed"}': '0x10' },
  },
];
