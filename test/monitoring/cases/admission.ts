import { type Case, took } from './case.ts';

const reviews = (outcome: string) => `serin_admission_reviews_total{outcome="${outcome}"}`;
const gone = '0 _x30';

export const admission: readonly Case[] = [
  {
    ...{ alert: 'SerinWebhookDown', name: 'nobody has a certificate', at: '10m' },
    series: { 'serin_leader{pod="a"}': '1x20' },
    fires: {},
  },
  {
    ...{ alert: 'SerinWebhookDown', name: 'one of two pods is gone', at: '20m' },
    series: {
      'serin_certificate_expiry_timestamp_seconds{pod="a"}': '9e9x30',
      'serin_certificate_expiry_timestamp_seconds{pod="b"}': gone,
    },
  },
  {
    ...{ alert: 'SerinWebhookFailing', name: 'one review in eleven fails', at: '20m' },
    series: { [reviews('passed')]: '0+10x30', [reviews('failed')]: '0+1x30' },
    fires: {
      description:
        '9.091% of the reviews fail: what they were about is held or refused by kube-apiserver instead.',
    },
  },
  {
    ...{ alert: 'SerinWebhookFailing', name: 'one failed long ago, and nobody asks', at: '20m' },
    series: { [reviews('passed')]: '7x30', [reviews('failed')]: '0 1x30' },
  },
  {
    ...{ alert: 'SerinWebhookSlow', name: 'all reviews take up to 5 s', at: '20m' },
    series: took('admission_duration', { '1': '0x30', '5': '0+10x30' }),
    fires: { description: 'One review in a hundred takes 4.96s or longer; kube-apiserver waits 5 s.' },
  },
  {
    ...{ alert: 'SerinWebhookSlow', name: 'all take up to a second', at: '20m' },
    series: took('admission_duration', { '1': '0+10x30', '5': '0+10x30' }),
  },
  {
    ...{ alert: 'SerinCertificateExpiring', name: 'four days are left', at: '2h' },
    series: { serin_certificate_expiry_timestamp_seconds: '352800x150' },
    fires: { description: 'It ends in 4d 0h 0m 0s and should have been renewed days ago.' },
  },
  {
    ...{ alert: 'SerinCertificateExpiring', name: 'nine days are left', at: '2h' },
    series: { serin_certificate_expiry_timestamp_seconds: '784800x150' },
  },
  {
    ...{ alert: 'SerinBypassed', name: 'somebody went around a rule', at: '10m' },
    series: { 'serin_enforce_total{rule="service",outcome="bypassed"}': '0x5 1x20' },
    fires: {
      labels: { rule: 'service' },
      description: 'Somebody went around rule service with a reason; an Event says who, and why.',
    },
  },
  {
    ...{ alert: 'SerinBypassed', name: 'a rule was kept', at: '10m' },
    series: { 'serin_enforce_total{rule="service",outcome="refused"}': '0x5 1x20' },
  },
];
