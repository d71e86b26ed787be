import { deepEqual, equal, ok } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Arms } from '../../src/prometheus/queries.ts';
import { CountedPod, isCounted } from '../../src/scrape/counted-pod.ts';
import { readPage } from '../../src/scrape/exposition.ts';

const arms: Arms = {
  ...{ namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 },
  services: { stable: 'web', canary: 'web-canary' },
};
const host = 'web.shop.svc.cluster.local';

interface Line {
  readonly code?: string;
  readonly value: number | string;
  readonly reporter?: string;
  readonly service?: string;
  readonly client?: string;
  readonly grpc?: string;
  readonly le?: string;
  readonly prefix?: string;
}
const lineOf = (line: Line): string => {
  const {
    code = '200',
    value,
    reporter = 'destination',
    service = host,
    client = 'a',
    grpc,
    le,
    prefix = '',
  } = line;
  const metric = le === undefined ? 'requests_total' : 'request_duration_milliseconds_bucket';
  const more = `${grpc === undefined ? '' : `,grpc_response_status="${grpc}"`}${le === undefined ? '' : `,le="${le}"`}`;
  return `${prefix}istio_${metric}{reporter="${reporter}",source_workload="${client}",destination_service="${service}",response_code="${code}"${more}} ${value}\n`;
};

const startedAt = 1000;
const pod = () => new CountedPod({ name: 'web-1', arm: 'stable', ip: '10.0.0.1', ready: true, startedAt });
const hear = (
  counted: CountedPod,
  at: number,
  since: number,
  ...lines: readonly Line[]
): string | undefined => {
  const page = readPage(lines.map(lineOf).join(''), isCounted);
  ok(page.kind === 'page');
  return counted.hear(page.samples, arms, at, since);
};
/** Points of each sum, by its code or edge. */
const told = (counted: CountedPod): Readonly<Record<string, unknown>> => {
  const { requests, durations } = counted.series(arms);
  const all = [...requests, ...durations].filter(({ points }) => (points.at(-1)?.[1] ?? 0) > 0);
  const byName: Record<string, unknown> = {};
  for (const { labels, points } of all) byName[labels['le'] ?? labels['response_code'] ?? ''] = points;
  return byName;
};

test('of a pod that was there before, only what its pages gain is counted', () => {
  const counted = pod();
  hear(counted, 5000, 4000, { value: 100 }, { code: '500', value: 7 });
  deepEqual(told(counted), {});
  hear(counted, 7000, 4000, { value: 110 }, { code: '500', value: 8 }, { code: '503', value: 2 });
  deepEqual(told(counted), {
    200: [
      [5000, 0],
      [7000, 10],
    ],
    500: [
      [5000, 0],
      [7000, 3],
    ],
  });
});

test('of a pod that started within what is counted, the first page counts, too', () => {
  const counted = pod();
  hear(counted, 5000, 900, { value: 10 }, { le: '100', value: 9 }, { le: '+Inf', value: 10 });
  deepEqual(told(counted), {
    200: [
      [1000, 0],
      [5000, 10],
    ],
    100: [
      [1000, 0],
      [5000, 9],
    ],
    '+Inf': [
      [1000, 0],
      [5000, 10],
    ],
  });
});

test('what came between two pages of which one was before the weight is not counted', () => {
  const counted = pod();
  hear(counted, 5000, 4000, { value: 100 });
  hear(counted, 12_000, 10_000, { value: 150 });
  hear(counted, 14_000, 10_000, { value: 160 });
  deepEqual(told(counted), {
    200: [
      [5000, 0],
      [12_000, 0],
      [14_000, 10],
    ],
  });
});

test('a proxy that starts again, and lines that come and go, lose nothing', () => {
  const counted = pod();
  hear(counted, 2000, 1500, { value: 100 }, { client: 'b', value: 50 });
  hear(counted, 4000, 1500, { value: 4 }, { client: 'c', value: 1 });
  hear(counted, 6000, 1500, { value: 6 }, { client: 'b', value: 3 }, { client: 'c', value: 1 });
  deepEqual(told(counted), {
    200: [
      [2000, 0],
      [4000, 5],
      [6000, 10],
    ],
  });
});

test('only the requests that are split, as the pod saw them, are counted', () => {
  const counted = pod();
  const others: readonly Line[] = [
    { reporter: 'source', value: 1 },
    { code: '0', value: 2 },
    { service: 'admin.shop.svc.cluster.local', value: 4 },
    { service: 'web.elsewhere.svc.cluster.local', value: 8 },
    { service: '', value: 16 },
  ];
  equal(hear(counted, 2000, 0, ...others), undefined);
  deepEqual([told(counted), counted.counts], [{}, false]);
  hear(
    counted,
    4000,
    0,
    { service: 'web-canary.shop.svc.cluster.local', value: 3 },
    { prefix: 'envoy_', value: 2 },
    { grpc: '14', value: 1 },
  );
  deepEqual(
    [told(counted), counted.counts],
    [
      {
        200: [
          [1000, 0],
          [2000, 0],
          [4000, 5],
        ],
        500: [
          [1000, 0],
          [2000, 0],
          [4000, 1],
        ],
      },
      true,
    ],
  );
});

const wrong: readonly (readonly [why: string, ...Line[]])[] = [
  ['a counter that is NaN', { value: 'NaN' }],
  ['a counter that is -1', { value: -1 }],
  ['a counter that is Infinity', { value: '+Inf' }],
  ['the same line twice', { value: 1 }, { value: 2 }],
  ['labels that cannot be read', { client: '\\q', value: 2 }],
];
for (const [why, ...lines] of wrong)
  test(`a page with ${why} counts as none at all`, () => {
    const counted = pod();
    hear(counted, 2000, 1500, { value: 10 });
    equal(hear(counted, 4000, 1500, { code: '500', value: 5 }, ...lines), why);
    equal(counted.heardAt, 2000);
    hear(counted, 6000, 1500, { value: 13 });
    deepEqual(told(counted), {
      200: [
        [2000, 0],
        [6000, 3],
      ],
    });
  });

test('what is not needed any more is forgotten, however long a trial lasts', () => {
  const counted = pod();
  for (let at = 2; at <= 5000; at += 1) hear(counted, at * 1000, 1500, { value: at });
  const points = (): number => counted.series(arms).requests[0]?.points.length ?? 0;
  counted.forget(0);
  equal(points(), 900);
  counted.forget(4_990_500);
  deepEqual(counted.series(arms).requests[0]?.points[0], [4_990_000, 4988]);
});

test('however a proxy is scraped and starts again, all it counted is counted once', () => {
  const step = fc.record({
    gains: fc.array(fc.nat(50), { minLength: 3, maxLength: 3 }),
    isScraped: fc.boolean(),
    restarts: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const counted = pod();
      const stands = [0, 0, 0];
      let [at, total, isOpen] = [2000, 0, false];
      const scrape = (): void => {
        hear(counted, at, 1500, ...stands.map((value, client) => ({ client: String(client), value })));
      };
      scrape();
      for (const { gains, isScraped, restarts } of steps) {
        at += 1000;
        // One that starts again right after a scrape takes nothing with it; that it stands lower has to be seen.
        if (restarts && !isOpen) {
          stands.fill(0);
          scrape();
        }
        gains.forEach((gain, client) => {
          stands[client] = (stands[client] ?? 0) + gain;
          total += gain;
        });
        isOpen = !isScraped;
        at += 1000;
        if (isScraped) scrape();
      }
      at += 1000;
      scrape();
      const [requests] = counted.series(arms).requests;
      equal(requests?.points.at(-1)?.[1], total);
    }),
  );
});
