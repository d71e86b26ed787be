import type { RefObject } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Summary } from '../wire.ts';
import { useAddress, addressOf } from './address.ts';
import { Header } from './header.tsx';
import { Help } from './help.tsx';
import { type Bindings, useKeys } from './keys.ts';
import { List } from './list.tsx';
import { type Filter, keyOf, listed } from './order.ts';
import { Rollout } from './rollout.tsx';
import { useKnown } from './store.ts';

/** The whole page: what there is at the left, what is looked at at the right; on a narrow screen one of them. */
export function App() {
  const { known, said } = useKnown();
  const open = useAddress();
  const [filter, setFilter] = useState<Filter>({ text: '', only: 'all' });
  const [cursor, setCursor] = useState<string>();
  const [isHelped, setHelped] = useState(false);
  const search = useRef<HTMLInputElement>(null);
  const main = useRef<HTMLElement>(null);
  const rollouts = listed(known.rollouts.values(), filter);
  const help = (): void => setHelped(true);
  useKeys({ ...bindingsOf({ rollouts, open, cursor, setCursor, filter, setFilter, search }), help });
  useFocusOn(main, open);
  return (
    <div class={open === undefined ? 'page' : 'page has-open'}>
      <button type="button" class="skip" onClick={() => main.current?.focus()}>
        Skip to the rollout
      </button>
      <Header known={known} onHelp={help} />
      <nav class="list-pane" aria-label="Rollouts">
        <List {...{ known, rollouts, open, filter, setFilter, cursor, setCursor, search }} />
      </nav>
      <main ref={main} tabIndex={-1} class="rollout-pane">
        {open === undefined ? <Nothing /> : <Rollout key={open} of={open} known={known} />}
      </main>
      <div class="unseen" aria-live="polite">
        {said}
      </div>
      {isHelped && <Help onClose={() => setHelped(false)} />}
    </div>
  );
}

interface Place {
  /** Those that are listed. */
  readonly rollouts: readonly Summary[];
  readonly open: string | undefined;
  readonly cursor: string | undefined;
  readonly setCursor: (next: (from: string | undefined) => string | undefined) => void;
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
  readonly search: RefObject<HTMLInputElement | null>;
}

function bindingsOf(place: Place): Omit<Bindings, 'help'> {
  const { rollouts, open, cursor, setCursor, filter, setFilter, search } = place;
  return {
    move: (by) => {
      const keys = rollouts.map(keyOf);
      // From where it is by then: keys may come faster than the page is drawn.
      setCursor((from) => keys[nextIndex(keys, from ?? open, by)]);
    },
    open: () => {
      if (cursor !== undefined) location.hash = addressOf(cursor);
    },
    search: () => {
      if (open !== undefined && isNarrow()) location.hash = addressOf(undefined);
      // The list may only now be shown.
      requestAnimationFrame(() => search.current?.focus());
    },
    back: () => {
      if (document.activeElement !== search.current) location.hash = addressOf(undefined);
      else if (filter.text === '') search.current?.blur();
      else setFilter({ ...filter, text: '' });
    },
  };
}

/** What was opened is read next. */
function useFocusOn(main: RefObject<HTMLElement | null>, open: string | undefined): void {
  const before = useRef(open);
  useEffect(() => {
    if (open !== undefined && open !== before.current) main.current?.focus({ preventScroll: true });
    before.current = open;
  }, [open]);
}

function Nothing() {
  return (
    <p class="nothing">
      Choose a rollout. <kbd>j</kbd> and <kbd>k</kbd> go through the list, <kbd>Enter</kbd> opens,{' '}
      <kbd>?</kbd> says more.
    </p>
  );
}

function nextIndex(keys: readonly string[], from: string | undefined, by: number): number {
  const at = from === undefined ? -1 : keys.indexOf(from);
  if (at === -1) return by > 0 ? 0 : keys.length - 1;
  return Math.min(keys.length - 1, Math.max(0, at + by));
}

function isNarrow(): boolean {
  return matchMedia('(max-width: 60rem)').matches;
}
