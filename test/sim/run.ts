// Plays a history, with the invariants looking on.
import { messageOf } from '../../src/errors.ts';
import { perform } from './actors.ts';
import { befall } from './faults.ts';
import type { Act, Event, History, Trouble } from './history.ts';
import { Rest } from './rest.ts';
import { follow, Trace } from './trace.ts';
import type { Invariant, Report } from './types.ts';
import { openWorld, type SimWorld, type WorldOptions } from './world.ts';

export interface Violation {
  /** The invariant's id, or `unexpected` for an exception that nobody meant. */
  readonly id: string;
  readonly what: string;
  /** Virtual ms since the shop was up. */
  readonly at: number;
}

export interface Result {
  readonly history: History;
  readonly violation: Violation | undefined;
  /** How often each invariant looked. */
  readonly checks: Readonly<Record<string, number>>;
  /** Calls that the API server answered. */
  readonly calls: number;
  /** Rollouts that ended, by how. */
  readonly rollouts: Readonly<Record<string, number>>;
  readonly virtualMs: number;
  readonly trace: Trace | undefined;
}

export interface RunOptions extends Pick<WorldOptions, 'intercept' | 'onOpen'> {
  /** Writes down everything that happens. */
  readonly withTrace?: boolean;
}

/** What a run has come to so far. */
class Tally {
  violation: Violation | undefined;
  readonly checks: Record<string, number> = {};
  calls = 0;
  startMs = 0;
  now: () => number = () => 0;

  /** Where the invariant of that id says what it saw; the first that finds something ends the run. */
  reportOf(id: string): Report {
    this.checks[id] ??= 0;
    return {
      checked: () => {
        this.checks[id] = (this.checks[id] ?? 0) + 1;
      },
      broken: (what) => this.fail(id, what),
    };
  }

  fail(id: string, what: string): void {
    this.violation ??= { id, what, at: this.now() - this.startMs };
  }

  readonly isOver = (): boolean => this.violation !== undefined;
}

/** Plays the history to its end, or to the first thing that must not be. The same history gives the same result. */
export async function run(
  history: History,
  invariants: readonly Invariant[],
  options: RunOptions = {},
): Promise<Result> {
  const tally = new Tally();
  const onRejection = (error: unknown): void =>
    tally.fail('unexpected', `unhandled rejection: ${stackOf(error)}`);
  process.on('unhandledRejection', onRejection);
  try {
    return await play(history, invariants, tally, options);
  } finally {
    process.off('unhandledRejection', onRejection);
  }
}

async function play(
  history: History,
  invariants: readonly Invariant[],
  tally: Tally,
  { withTrace = false, intercept, onOpen: alsoOnOpen }: RunOptions,
): Promise<Result> {
  const ends: (() => void)[] = [];
  const parts: { trace?: Trace; rest?: Rest } = {};
  const onOpen = (world: SimWorld): void => {
    tally.now = () => world.time.now;
    tally.startMs = world.time.now;
    world.api.onCall(() => {
      tally.calls += 1;
    });
    if (withTrace) parts.trace = tracing(world);
    for (const invariant of invariants) ends.push(invariant.watch(world, tally.reportOf(invariant.id)));
    parts.rest = new Rest(world, tally.reportOf('I14'));
    alsoOnOpen?.(world);
  };
  const world = await openWorld(history, {
    onOpen,
    ...(intercept === undefined ? {} : { intercept }),
    ...(withTrace
      ? { onLog: (_world: SimWorld, process: string, line: string) => parts.trace?.log(process, line) }
      : {}),
    onUnexpected: (what) => tally.fail('unexpected', what),
  });
  tally.startMs = world.time.now;
  parts.trace?.begin();
  await live(world, history, tally);
  if (!tally.isOver()) await parts.rest?.await(tally.isOver, history.seed % 8 === 0);
  if (!tally.isOver()) for (const end of ends) end();
  if (tally.violation !== undefined)
    parts.trace?.say('VIOLATION', `${tally.violation.id}: ${tally.violation.what}`);
  return {
    history,
    violation: tally.violation,
    checks: tally.checks,
    calls: tally.calls,
    rollouts: parts.rest?.ended ?? {},
    virtualMs: world.time.now - tally.startMs,
    trace: parts.trace,
  };
}

function tracing(world: SimWorld): Trace {
  const trace = new Trace(world.time);
  follow(trace, world.api, world.serin);
  world.onSaid = (who, what) => trace.say(who, what);
  return trace;
}

/** All events, and until the last of them is over. */
async function live(world: SimWorld, { events }: History, tally: Tally): Promise<void> {
  let underway = 0;
  for (const event of events) {
    world.time.after(event.at, () => {
      underway += 1;
      void happen(world, event)
        .catch((error: unknown) => tally.fail('unexpected', stackOf(error)))
        .finally(() => {
          underway -= 1;
        });
    });
  }
  const until = world.time.now + Math.max(0, ...events.map(endOf));
  await world.time.run(until, tally.isOver);
  // Whoever waits for an answer gets one, now that no trouble is left.
  await world.time.run(until + 120_000, () => tally.isOver() || underway === 0);
}

function endOf(event: Event): number {
  if ('forMs' in event) return event.at + event.forMs;
  if ('backAfterMs' in event) return event.at + event.backAfterMs;
  if ('againAfterMs' in event) return event.at + (event.againAfterMs ?? 0);
  return event.at;
}

async function happen(world: SimWorld, event: Event): Promise<void> {
  const { at: _at, ...what } = event;
  if (isAct(what)) await perform(world, what);
  else befall(world, what);
}

const acts: Readonly<Record<Act['do'], true>> = {
  release: true,
  'release-next-door': true,
  scale: true,
  undo: true,
  restart: true,
  pause: true,
  resume: true,
  delete: true,
  commit: true,
  sync: true,
  'edit-route': true,
  remove: true,
  config: true,
  policy: true,
  plan: true,
  command: true,
  gate: true,
  suspend: true,
  quota: true,
  uninstall: true,
  'delete-namespace': true,
  label: true,
  load: true,
  'kill-pod': true,
  evict: true,
  drain: true,
  'roll-certificates': true,
};

function isAct(what: Act | Trouble): what is Act {
  return what.do in acts;
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : messageOf(error);
}
