// Makes a history that breaks something as small as it goes: what is left is what it takes.
import type { Event, History, Shop } from './history.ts';
import { run } from './run.ts';
import type { Invariant } from './types.ts';

/** Runs that one shrinking may cost. */
const mostRuns = 250;

/** The plainest shop; each field is taken over where the violation stays. */
const plainest: Partial<Shop> = {
  routes: 'one',
  scaler: false,
  streams: { count: 0, seconds: 1 },
  webhooks: 1,
  controllers: 1,
  policies: false,
  planIn: 'annotation',
  load: 20,
  replicas: 2,
};

/** A smaller history that breaks the same invariant; the history itself where nothing can be left out. */
export async function shrink(
  history: History,
  id: string,
  invariants: readonly Invariant[],
): Promise<History> {
  let runs = 0;
  const stillBreaks = async (candidate: History): Promise<boolean> => {
    runs += 1;
    if (runs > mostRuns) return false;
    const { violation } = await run(candidate, invariants).catch(() => ({ violation: undefined }));
    return violation?.id === id;
  };
  let smallest = history;
  for (;;) {
    const before = JSON.stringify(smallest);
    smallest = await fewerEvents(smallest, stillBreaks);
    smallest = await plainerShop(smallest, stillBreaks);
    smallest = await rounderNumbers(smallest, stillBreaks);
    if (before === JSON.stringify(smallest)) return smallest;
  }
}

type Breaks = (candidate: History) => Promise<boolean>;

/** Leaves out runs of events: halves first, then ever shorter ones. */
async function fewerEvents(history: History, stillBreaks: Breaks): Promise<History> {
  let { events } = history;
  for (let size = Math.ceil(events.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < events.length; ) {
      const left = [...events.slice(0, at), ...events.slice(at + size)];
      if (await stillBreaks({ ...history, events: left })) events = left;
      else at += size;
    }
  }
  return { ...history, events };
}

async function plainerShop(history: History, stillBreaks: Breaks): Promise<History> {
  let { shop } = history;
  for (const [key, value] of Object.entries(plainest)) {
    const plainer = { ...shop, [key]: value };
    if (JSON.stringify(plainer) === JSON.stringify(shop)) continue;
    if (await stillBreaks({ ...history, shop: plainer })) shop = plainer;
  }
  return { ...history, shop };
}

/** Times and shares with fewer digits, so that people can read what matters. */
async function rounderNumbers(history: History, stillBreaks: Breaks): Promise<History> {
  let { events } = history;
  for (let index = 0; index < events.length; index += 1) {
    const event = events[index];
    if (event === undefined) continue;
    for (const [key, value] of Object.entries(event)) {
      if (typeof value !== 'number' || value === rounded(value)) continue;
      const rounder = { ...events[index], [key]: rounded(value) } as Event;
      const candidate = events.map((each, at) => (at === index ? rounder : each));
      if (await stillBreaks({ ...history, events: candidate })) events = candidate;
    }
  }
  return { ...history, events };
}

function rounded(value: number): number {
  return Math.abs(value) >= 1_000 ? Math.round(value / 1_000) * 1_000 : value;
}
