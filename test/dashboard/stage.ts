// The dashboard's server with rollouts that a test makes up, in place of a cluster.
import { type Clock, systemClock } from '../../src/clock.ts';
import type { Asked } from '../../src/dashboard/asked.ts';
import { loadAssets } from '../../src/dashboard/assets.ts';
import { summaryOf } from '../../src/dashboard/board.ts';
import { createHub } from '../../src/dashboard/hub.ts';
import { Recording } from '../../src/dashboard/series.ts';
import { type RunningServer, serve } from '../../src/dashboard/server.ts';
import type { ClusterShown, Detail, News } from '../../src/dashboard/wire.ts';
import type { Report } from '../../src/report/report.ts';

export interface Stage extends RunningServer {
  /** Everything that was asked to be done, in order. */
  readonly asked: readonly Asked[];
  /** Puts a rollout there, or in place of what it was. */
  show(report: Report): void;
  take(namespace: string, name: string): void;
  cluster(shown: ClusterShown): void;
  /** What is answered to the next action; undefined: it is done. */
  refuseNext(why: string | undefined): void;
}

const token = 'the-token';
export const session = 'the-session';

/** Serves `reports` as they are; `port` 0 is any that is free. */
export async function openStage(
  reports: readonly Report[],
  { allowActions = false, port = 0, at = systemClock.now() } = {},
): Promise<Stage> {
  const shown = new Map(reports.map((report) => [`${report.namespace}/${report.name}`, report]));
  const asked: Asked[] = [];
  let cluster: ClusterShown = { ok: true };
  let refusal: string | undefined;
  const all = (): News => ({
    ...{ kind: 'all', at, context: 'kind-shop', allowActions, cluster },
    rollouts: [...shown.values()].map(summaryOf),
  });
  const hub = createHub(crypto.randomUUID(), all);
  const board = {
    hub,
    detail: (namespace: string, name: string) => Promise.resolve(detailOf(shown.get(`${namespace}/${name}`))),
    act: (action: Asked) => {
      const why = refusal;
      refusal = undefined;
      if (why !== undefined) return Promise.reject(new Error(why));
      asked.push(action);
      return Promise.resolve();
    },
  };
  // The page's countdowns run by this clock: made-up rollouts are of its time.
  const clock: Clock = { now: () => at, sleep: (ms, signal) => systemClock.sleep(ms, signal) };
  const keys = { token, session, allowActions };
  const server = await serve({ board, assets: await loadAssets(), clock, keys, port });
  return {
    ...server,
    asked,
    show: (report) => {
      shown.set(`${report.namespace}/${report.name}`, report);
      hub.tell({ kind: 'rollout', rollout: summaryOf(report) });
    },
    take: (namespace, name) => {
      shown.delete(`${namespace}/${name}`);
      hub.tell({ kind: 'gone', namespace, name });
    },
    cluster: (now) => {
      cluster = now;
      hub.tell({ kind: 'cluster', cluster });
    },
    refuseNext: (why) => {
      refusal = why;
    },
  };
}

const template = (image: string, more: string): string => `metadata:
  labels:
    app: web
spec:
  containers:
    - image: registry.example.com/shop/${image}
      name: web
      ports:
        - containerPort: 8080
          name: http
      readinessProbe:
        httpGet:
          path: /ready
          port: http
      resources:
        limits:
          memory: 256Mi
        requests:
          cpu: 100m
          memory: 256Mi
${more}`;

const route = `kind: VirtualService
metadata:
  annotations:
    serin.dev/split: '{"web":{"weight":20}}'
  name: shop
spec:
  hosts:
    - shop.example.com
  http:
    - route:
        - destination:
            host: web
          weight: 80
        - destination:
            host: web-canary
          weight: 20
`;

function detailOf(report: Report | undefined): Detail | undefined {
  if (report === undefined) return undefined;
  const { candidate, weight } = report;
  return {
    report,
    series: recordingOf(report).series,
    ...(candidate === undefined
      ? {}
      : {
          templates: {
            stable: template('web:1.8.2', '  terminationGracePeriodSeconds: 30\n'),
            candidate: template(
              'web:1.9.0',
              '      env:\n        - name: SEARCH\n          value: fast\n  terminationGracePeriodSeconds: 30\n',
            ),
          },
        }),
    routes: weight.seen.length === 0 ? [] : [{ kind: 'VirtualService', name: 'shop', yaml: route }],
  };
}

/** What would have been recorded since the rollout began: a look each ten seconds, a step after three minutes. */
function recordingOf(report: Report): Recording {
  const recording = new Recording();
  const { at, startedAt = at, stable, candidate, evidence } = report;
  if (candidate?.served === undefined || stable.served === undefined) return recording;
  const seconds = Math.round((at - startedAt) / 1000);
  const counted = { stable: { requests: 0, errors: 0 }, canary: { requests: 0, errors: 0 } };
  for (let second = 0; second <= seconds; second += 10) {
    const asked = second < 180 ? 5 : 20;
    const seen = second === 180 ? 5 : asked;
    const requests = 1560 + 180 * Math.sin(second / 60) + 60 * Math.sin(second / 9);
    for (const [arm, share] of [
      ['stable', 100 - seen],
      ['canary', seen],
    ] as const) {
      counted[arm].requests += Math.round((requests * share) / 100);
      counted[arm].errors += Math.round(2.2 * (share / 100) * (1 + Math.sin(second / 25 + share)));
    }
    recording.take({
      ...report,
      at: startedAt + second * 1000,
      weight: { asked, seen: [{ route: 'VirtualService shop', weight: seen }] },
      stable: { ...stable, served: { ...counted.stable }, p99Ms: 84 + 3 * Math.sin(second / 30) },
      candidate: { ...candidate, served: { ...counted.canary }, p99Ms: 90 + 5 * Math.sin(second / 22) },
      ...(evidence === undefined
        ? {}
        : { evidence: { ...evidence, wealth: -0.5 + 0.6 * Math.cos(second / 130) } }),
    });
  }
  return recording;
}
