import { type Case, took } from './case.ts';

export const controller: readonly Case[] = [
  {
    ...{ alert: 'SerinNoLeader', name: 'two are there and neither leads', at: '5m' },
    series: { 'serin_leader{pod="a"}': '0x20', 'serin_leader{pod="b"}': '0x20' },
    fires: {},
  },
  {
    ...{ alert: 'SerinNoLeader', name: 'nobody is there', at: '20m' },
    series: { 'serin_leader{pod="a"}': '1 stale _x30' },
    fires: {},
  },
  {
    ...{ alert: 'SerinNoLeader', name: 'the lead changes', at: '10m' },
    series: { 'serin_leader{pod="a"}': '1x9 0x9', 'serin_leader{pod="b"}': '0x9 0 1x9' },
  },
  {
    ...{ alert: 'SerinTwoLeaders', name: 'both lead', at: '5m' },
    series: { 'serin_leader{pod="a"}': '1x20', 'serin_leader{pod="b"}': '1x20' },
    fires: { description: '2 controllers say they lead. Is Serin installed twice, or scraped twice?' },
  },
  {
    ...{ alert: 'SerinTwoLeaders', name: 'one leads', at: '5m' },
    series: { 'serin_leader{pod="a"}': '1x20', 'serin_leader{pod="b"}': '0x20' },
  },
  {
    ...{ alert: 'SerinQueueLag', name: 'all wait up to 30 s', at: '30m' },
    series: took('queue_wait', { '10': '0x40', '30': '0+10x40' }),
    fires: { description: 'One Deployment in a hundred waits 29.8s or longer to be looked at.' },
  },
  {
    ...{ alert: 'SerinQueueLag', name: 'nobody waits as long as 10 s', at: '30m' },
    series: took('queue_wait', { '10': '0+10x40', '30': '0+10x40' }),
  },
  {
    ...{ alert: 'SerinLooksFailing', name: 'every second look fails', at: '30m' },
    series: {
      'serin_reconciles_total{result="ok"}': '0+10x40',
      'serin_reconciles_total{result="failed"}': '0+10x40',
    },
    fires: { description: '50% of the looks fail; the log says why.' },
  },
  {
    ...{ alert: 'SerinLooksFailing', name: 'one look in eleven fails', at: '30m' },
    series: {
      'serin_reconciles_total{result="ok"}': '0+10x40',
      'serin_reconciles_total{result="failed"}': '0+1x40',
    },
  },
  {
    ...{
      alert: 'SerinApiCallsFailing',
      name: 'every second call is answered with an error of the server, or not',
      at: '30m',
    },
    series: {
      'serin_api_requests_total{verb="get",resource="services",code="200"}': '0+10x40',
      'serin_api_requests_total{verb="get",resource="services",code="503"}': '0+5x40',
      'serin_api_requests_total{verb="get",resource="services",code="none"}': '0+5x40',
    },
    fires: { description: '50% of the calls get an error of the server, or no answer.' },
  },
  {
    ...{ alert: 'SerinApiCallsFailing', name: 'every second call is refused', at: '30m' },
    series: {
      'serin_api_requests_total{verb="patch",resource="deployments",code="200"}': '0+10x40',
      'serin_api_requests_total{verb="patch",resource="deployments",code="409"}': '0+10x40',
    },
  },
  {
    ...{ alert: 'SerinNotFollowing', name: 'nothing was told for half an hour', at: '30m' },
    series: { 'serin_reflector_last_seen_timestamp_seconds{resource="services",pod="a"}': '0x40' },
    fires: {
      labels: { resource: 'services', pod: 'a' },
      summary: 'Serin does not hear of services.',
      description: 'The API server has told a nothing of them for 30m 0s: what it knows may be old.',
    },
  },
  {
    ...{ alert: 'SerinNotFollowing', name: 'the server tells every minute', at: '30m' },
    series: { 'serin_reflector_last_seen_timestamp_seconds{resource="services",pod="a"}': '0+60x40' },
  },
];
