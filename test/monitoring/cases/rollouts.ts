import type { Case } from './case.ts';

const web = { namespace: 'shop', deployment: 'web' };
const ofWeb = '{namespace="shop",deployment="web"}';

export const rollouts: readonly Case[] = [
  {
    ...{ alert: 'SerinRolloutStuck', name: 'one weight for two hours', at: '2h' },
    series: {
      [`serin_rollout_since_timestamp_seconds${ofWeb}`]: '0x130',
      [`serin_rollout_paused${ofWeb}`]: '0x130',
    },
    fires: {
      labels: web,
      summary: 'The rollout of shop/web does not move.',
      description: 'It has been in one phase, at one weight, for 2h 0m 0s, and nobody has paused it.',
    },
  },
  {
    ...{ alert: 'SerinRolloutStuck', name: 'a person has paused it', at: '2h' },
    series: {
      [`serin_rollout_since_timestamp_seconds${ofWeb}`]: '0x130',
      [`serin_rollout_paused${ofWeb}`]: '1x130',
    },
  },
  {
    ...{ alert: 'SerinRolloutStuck', name: 'half an hour a weight', at: '2h' },
    series: { [`serin_rollout_since_timestamp_seconds${ofWeb}`]: '0x30 1800x30 3600x30 5400x60' },
  },
  {
    ...{ alert: 'SerinRolloutFailed', name: 'half an hour ago', at: '30m' },
    series: { [`serin_rollout_failed_timestamp_seconds${ofWeb}`]: '0x100' },
    fires: {
      labels: web,
      summary: 'The rollout of shop/web failed.',
      description:
        'It was rolled back 30m 0s ago; what its owner asked for is held until another version is applied.',
    },
  },
  {
    ...{ alert: 'SerinRolloutFailed', name: 'everybody knows by now', at: '90m' },
    series: { [`serin_rollout_failed_timestamp_seconds${ofWeb}`]: '0x100' },
  },
  {
    ...{ alert: 'SerinAnalysisWithoutData', name: 'four checks said nothing', at: '10m' },
    series: { 'serin_rollout_checks{namespace="shop",deployment="web",result="silent"}': '0+1x4 4x10' },
    fires: {
      labels: { ...web, result: 'silent' },
      summary: 'The analysis of shop/web has no data.',
      description: '4 checks in a row said nothing: no traffic, or no metrics of it.',
    },
  },
  {
    ...{ alert: 'SerinAnalysisWithoutData', name: 'checks fail', at: '10m' },
    series: {
      'serin_rollout_checks{namespace="shop",deployment="web",result="failed"}': '4x20',
      'serin_rollout_checks{namespace="shop",deployment="web",result="silent"}': '0x20',
    },
  },
  {
    ...{ alert: 'SerinHeldWhileDown', name: 'paused, and nobody leads', at: '10m' },
    series: { [`kube_deployment_spec_paused${ofWeb}`]: '1x20', serin_leader: '0x20' },
    fires: {
      labels: web,
      summary: 'A change of shop/web may be held, and Serin is down.',
      description:
        'It is paused, by kube-apiserver for Serin or by its owner, and no controller leads that would go on with it.',
    },
  },
  {
    ...{ alert: 'SerinHeldWhileDown', name: 'paused for a rollout', at: '10m' },
    series: { [`kube_deployment_spec_paused${ofWeb}`]: '1x20', 'serin_leader{pod="b"}': '1x20' },
  },
];
