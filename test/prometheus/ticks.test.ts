import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import type { Series } from '../../src/analysis/samples.ts';
import type { Arms } from '../../src/prometheus/queries.ts';
import { at, counter } from './counters.ts';
import { type Asked, type Samples, ticksOf } from '../../src/prometheus/ticks.ts';

const arms: Arms = {
  ...{ namespace: 'shop', stable: 'web', canary: 'web-canary', windowMs: 60_000 },
  services: { stable: 'web', canary: 'web-canary' },
};
const asked: Asked = { routedSince: at(5), timedFrom: at(5), ready: { stable: 1, canary: 1 } };
const counts = (requests: readonly Series[], change: Partial<Asked> = {}, samples: Partial<Samples> = {}) =>
  ticksOf({ requests, durations: [], ...samples }, arms, { ...asked, ...change }, 0);
/** `requests/errors` of canary and stable per tick, or why there are none. */
const shown = (counting: ReturnType<typeof counts>): readonly string[] =>
  counting.kind === 'ticks'
    ? counting.ticks.map(
        ({ canary, stable }) =>
          `${canary.requests}/${canary.errors} beside ${stable.requests}/${stable.errors}`,
      )
    : [`${counting.kind}: ${counting.why}`];

const stable = counter({ workload: 'web' }, 1000, 1100, 1200, 1300, 1400);
const canary = counter({ workload: 'web-canary' }, 0, 10, 20, 30, 40);

const cases: readonly (readonly [
  says: string,
  series: readonly Series[],
  ticks: readonly string[],
  change?: Partial<Asked>,
])[] = [
  [
    'both arms are counted scrape by scrape, from when the traffic is routed so',
    [stable, canary],
    ['10/0 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'what was counted before is not counted again',
    [stable, canary],
    ['10/0 beside 100/0'],
    { countedUntil: at(15) },
  ],
  [
    'the first errors of a new series count, also a single one',
    [stable, canary, counter({ workload: 'web-canary', code: '500' }, undefined, undefined, 1, 1, 3)],
    ['11/1 beside 100/0', '10/0 beside 100/0', '12/2 beside 100/0'],
  ],
  [
    'a pod that answers nothing but errors is counted, not passed over',
    [stable, counter({ workload: 'web-canary', code: '503' }, undefined, 0, 10, 20, 30)],
    ['10/10 beside 100/0', '10/10 beside 100/0', '10/10 beside 100/0'],
  ],
  [
    'a counter that starts again loses nothing',
    [stable, counter({ workload: 'web-canary' }, 0, 60, 5, 15, 25)],
    ['5/0 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'the requests of a pod that died count',
    [
      counter({ workload: 'web' }, 1000, 1100, 1200, 1300, 1400, 1500),
      counter({ workload: 'web-canary' }, 0, 10, 20, 30, 40, 50),
      counter({ workload: 'web-canary', pod: 'web-canary-2', code: '500' }, 0, 4, 9),
    ],
    ['15/5 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'until a pod that fell silent is known to be gone, what came after is left for later',
    [stable, canary, counter({ workload: 'web-canary', pod: 'web-canary-2', code: '500' }, 0, 4, 9)],
    ['15/5 beside 100/0'],
  ],
  [
    'of a source that lost its memory, old requests are not taken for new ones',
    [
      counter({ workload: 'web' }, undefined, undefined, 1200, 1300, 1400),
      counter({ workload: 'web-canary' }, undefined, undefined, 20, 30, 40),
    ],
    ['0/0 beside 0/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'one request is counted by one reporter, the one that saw most',
    [
      stable,
      canary,
      counter({ workload: 'web', reporter: 'source', pod: 'gateway' }, 1000, 1100, 1200, 1300, 1400),
      counter({ workload: 'web-canary', reporter: 'source', pod: 'gateway' }, 0, 10, 20, 30, 40),
      counter(
        { workload: 'unknown', service: 'web-canary', reporter: 'source', pod: 'gateway', code: '503' },
        0,
        0,
        2,
        2,
        2,
      ),
    ],
    ['12/2 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'two Prometheus that scrape the same count once',
    [
      counter({ workload: 'web', replica: 'a' }, 1000, 1100, 1200, 1300, 1400),
      counter({ workload: 'web', replica: 'b' }, 1000, undefined, 1200, 1300, 1400),
      counter({ workload: 'web-canary', replica: 'a' }, 0, 10, 20, 30, 40),
      counter({ workload: 'web-canary', replica: 'b' }, 0, 10, 20, 30, 40),
    ],
    ['10/0 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'errors of gRPC come with code 200',
    [
      stable,
      canary,
      {
        ...counter({ workload: 'web-canary' }, 0, 0, 3, 3, 3),
        labels: { ...canary.labels, grpc_response_status: '14' },
      },
    ],
    ['13/3 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0'],
  ],
  [
    'a ready pod that is not scraped may be the one that fails',
    [stable, canary],
    ['incomplete: only 1 of 2 ready pods of web-canary are scraped'],
    { ready: { stable: 1, canary: 2 } },
  ],
  [
    'a pod that is not scraped any more, though it is ready, too',
    [
      stable,
      canary,
      counter({ workload: 'web-canary', pod: 'web-canary-2' }, 0, 10, undefined, undefined, undefined),
    ],
    ['incomplete: only 1 of 2 ready pods of web-canary are scraped'],
    { ready: { stable: 1, canary: 2 } },
  ],
  ['nothing is nothing', [], ['absent: no samples of these workloads']],
  [
    'samples of before are no samples',
    [stable, canary],
    ['incomplete: no scrape since the traffic was routed so'],
    { routedSince: at(60) },
  ],
];
for (const [says, series, ticks, change] of cases) {
  test(says, () => deepEqual(shown(counts(series, change)), ticks));
}

test("the source's own clock is what its samples are told apart by", () => {
  const late = ticksOf(
    { requests: [stable, canary], durations: [] },
    arms,
    { ...asked, routedSince: at(5) - 3_600_000 },
    3_600_000,
  );
  deepEqual(shown(late), ['10/0 beside 100/0', '10/0 beside 100/0', '10/0 beside 100/0']);
});

test('requests slower than each edge are counted from the buckets', () => {
  const bucket = (workload: 'web' | 'web-canary', le: string, ...values: readonly number[]): Series =>
    counter({ workload, le }, ...values);
  const durations = [
    ...[
      bucket('web', '100', 900, 990, 1080),
      bucket('web', '500', 1000, 1100, 1200),
      bucket('web', '+Inf', 1000, 1100, 1200),
    ],
    ...[
      bucket('web-canary', '100', 0, 5, 10),
      bucket('web-canary', '500', 0, 8, 17),
      bucket('web-canary', '+Inf', 0, 10, 20),
    ],
  ];
  const requests = [
    counter({ workload: 'web' }, 1000, 1100, 1200),
    counter({ workload: 'web-canary' }, 0, 10, 20),
  ];
  deepEqual(counts(requests, {}, { durations }), {
    kind: 'ticks',
    ticks: [
      {
        until: at(10),
        edges: [100, 500],
        canary: { requests: 10, errors: 0, timed: 10, slower: [5, 1] },
        stable: { requests: 100, errors: 0, timed: 100, slower: [10, 0] },
      },
    ],
  });
});

test('durations of pods that have just started are not counted, their errors are', () => {
  const durations = [
    counter({ workload: 'web', le: '100' }, 900, 990, 1080, 1170, 1260),
    counter({ workload: 'web-canary', le: '100' }, 0, 5, 10, 15, 20),
  ];
  const counting = counts([stable, canary], { timedFrom: at(10) }, { durations });
  ok(counting.kind === 'ticks');
  deepEqual(
    counting.ticks.map(({ edges, canary: { requests, slower } }) => [edges, requests, slower]),
    [
      [[], 10, []],
      [[100], 10, [5]],
      [[100], 10, [5]],
    ],
  );
});

test('ten replicas with thirty series of twenty buckets in both arms are counted in a moment', () => {
  const durations: Series[] = [];
  const requests: Series[] = [];
  for (const workload of ['web', 'web-canary'] as const)
    for (let pod = 0; pod < 10; pod += 1)
      for (let code = 0; code < 30; code += 1) {
        const of = { workload, pod: `${workload}-${pod}`, code: String(200 + code) };
        requests.push(counter(of, 0, 10, 20, 30));
        const edges = Array.from({ length: 20 }, (_, edge) => edge + 1);
        durations.push(...edges.map((le) => counter({ ...of, le: String(le * 50) }, 0, le, 2 * le, 3 * le)));
      }
  const counting = counts(requests, { ready: { stable: 10, canary: 10 } }, { durations });
  ok(counting.kind === 'ticks' && counting.ticks.length === 2);
  deepEqual(
    counting.ticks.map(({ edges, canary: { requests: seen } }) => [edges.length, seen]),
    [
      [20, 3000],
      [20, 3000],
    ],
  );
});
