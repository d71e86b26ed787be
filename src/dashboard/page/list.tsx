import type { RefObject } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Summary } from '../wire.ts';
import { FilterBar } from './filter-bar.tsx';
import type { Known } from './live.ts';
import { type Filter, keyOf } from './order.ts';
import { Row, rowHeight } from './row.tsx';
import { useNow } from './store.ts';
import { rowsIn, scrollFor } from './window.ts';

interface ListProps {
  readonly known: Known;
  /** Those that are listed. */
  readonly rollouts: readonly Summary[];
  readonly open: string | undefined;
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
  /** The row that the keyboard is at. */
  readonly cursor: string | undefined;
  readonly setCursor: (key: string) => void;
  readonly search: RefObject<HTMLInputElement | null>;
}

/** Every rollout, of which only those in sight are drawn. */
export function List(props: ListProps) {
  const { known, rollouts, open, cursor, setCursor } = props;
  const now = useNow(known.aheadMs);
  const scroller = useRef<HTMLDivElement>(null);
  const view = useView(scroller);
  const { from, to } = rowsIn({ count: rollouts.length, rowHeight, ...view });
  const at = cursor === undefined ? -1 : rollouts.findIndex((each) => keyOf(each) === cursor);
  const isMoving = useRef(false);
  useCursor(scroller, { key: cursor, at, isMoving }, open === undefined);
  return (
    <>
      <FilterBar {...props} />
      <div class="rows" ref={scroller} tabIndex={rollouts.length === 0 ? 0 : -1}>
        <ol style={{ height: `${rollouts.length * rowHeight}px` }}>
          {rollouts.slice(from, to).map((rollout, index) => (
            <Row
              key={keyOf(rollout)}
              {...{ rollout, now, place: from + index, count: rollouts.length }}
              isOpen={keyOf(rollout) === open}
              onFocus={() => {
                if (!isMoving.current) setCursor(keyOf(rollout));
              }}
            />
          ))}
        </ol>
        {known.isTold && rollouts.length === 0 && <p class="nothing">{whyNone(known)}</p>}
      </div>
    </>
  );
}

function whyNone({ rollouts }: Known): string {
  return rollouts.size > 0
    ? 'Nothing is listed by this filter.'
    : 'No namespace that you may read has the label serin.dev/mode: nothing is released by canary yet.';
}

/** Where the list stands, and how much of it is seen. */
function useView(scroller: RefObject<HTMLDivElement | null>): {
  readonly scrollTop: number;
  readonly height: number;
} {
  const [view, setView] = useState({ scrollTop: 0, height: 0 });
  useLayoutEffect(() => {
    const element = scroller.current;
    if (element === null) return undefined;
    const look = (): void => setView({ scrollTop: element.scrollTop, height: element.clientHeight });
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, []);
  return view;
}

/** Where the keyboard is in the list. */
interface Cursor {
  readonly key: string | undefined;
  /** From the top; -1: not listed. */
  readonly at: number;
  /** True while the focus follows the cursor, which may be ahead of it: else the cursor follows the focus. */
  readonly isMoving: RefObject<boolean>;
}

/** Brings the row that the keyboard went to into sight, and gives it the focus; again when people come back to the list. */
function useCursor(scroller: RefObject<HTMLDivElement | null>, cursor: Cursor, isBack: boolean): void {
  // Not where the list moves under the cursor: that would take the focus from wherever it is.
  useEffect(() => focusOn(scroller.current, cursor), [cursor.key]);
  useEffect(() => (isBack ? focusOn(scroller.current, cursor) : undefined), [isBack]);
}

function focusOn(element: HTMLElement | null, { key, at, isMoving }: Cursor): (() => void) | undefined {
  if (element === null || key === undefined || at === -1) return undefined;
  const { scrollTop, clientHeight: height } = element;
  const wanted = scrollFor(at, { rowHeight, scrollTop, height });
  if (wanted !== undefined) element.scrollTop = wanted;
  // It may be drawn only once the list has moved.
  const frame = requestAnimationFrame(() => {
    isMoving.current = true;
    element.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
    isMoving.current = false;
  });
  return () => cancelAnimationFrame(frame);
}
