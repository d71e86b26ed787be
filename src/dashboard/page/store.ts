import { useEffect, useState } from 'preact/hooks';
import { wallClock } from '../../clock.ts';
import type { News } from '../wire.ts';
import { keepLine } from './line.ts';
import { type Known, type LineState, nothingKnown, spoken, withNews } from './live.ts';

type Listener = (known: Known, said: string) => void;

let known = nothingKnown;
let shown = nothingKnown;
let isDue = false;
const listeners = new Set<Listener>();

/** Follows the server. What comes within one frame is drawn once. */
export function follow(): void {
  void keepLine(wallClock, {
    news: (news: News) => change(withNews(known, news, wallClock.now())),
    state: (line: LineState) => {
      if (known.line !== line) change({ ...known, line });
    },
  });
}

function change(next: Known): void {
  known = next;
  if (isDue) return;
  isDue = true;
  // A page in the background gets no frames, and needs none.
  requestAnimationFrame(() => {
    isDue = false;
    const said = spoken(shown, known);
    shown = known;
    for (const listener of listeners) listener(known, said);
  });
}

/** What is known now, and what of its last change is worth saying. */
export function useKnown(): { readonly known: Known; readonly said: string } {
  const [state, setState] = useState({ known, said: '' });
  useEffect(() => {
    const listener: Listener = (next, said) =>
      setState((before) => ({ known: next, said: said === '' ? before.said : said }));
    listeners.add(listener);
    // What came between drawing and listening.
    listener(shown, '');
    return () => void listeners.delete(listener);
  }, []);
  return state;
}

/** The cluster's time, new each second while it is shown. */
export function useNow(aheadMs: number): number {
  const [now, setNow] = useState(wallClock.now());
  useEffect(() => {
    const stop = new AbortController();
    void tick(stop.signal, () => setNow(wallClock.now()));
    return () => stop.abort();
  }, []);
  return now + aheadMs;
}

async function tick(signal: AbortSignal, each: () => void): Promise<void> {
  while (!signal.aborted) {
    await wallClock.sleep(1000, signal);
    if (!signal.aborted) each();
  }
}
