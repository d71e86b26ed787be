import type { RefObject } from 'preact';
import type { Known } from './live.ts';
import { countsOf, type Filter } from './order.ts';

interface FilterBarProps {
  readonly known: Known;
  readonly filter: Filter;
  readonly setFilter: (filter: Filter) => void;
  readonly search: RefObject<HTMLInputElement | null>;
}

const kinds: readonly (readonly [only: Filter['only'], label: string])[] = [
  ['all', 'All'],
  ['attention', 'Attention'],
  ['trial', 'On trial'],
];

/** What is listed: by words, and by how it stands. */
export function FilterBar({ known, filter, setFilter, search }: FilterBarProps) {
  const counts = countsOf(known.rollouts.values());
  return (
    <div class="filter">
      <input
        ref={search}
        type="search"
        aria-label="Filter by namespace, name, phase, image or person"
        placeholder="Filter   /"
        value={filter.text}
        onInput={({ currentTarget }) => setFilter({ ...filter, text: currentTarget.value })}
      />
      <div class="kinds" role="group" aria-label="Which rollouts">
        {kinds.map(([only, label]) => (
          <button
            key={only}
            type="button"
            aria-pressed={filter.only === only}
            onClick={() => setFilter({ ...filter, only })}
          >
            {label} <span class="count">{counts[only]}</span>
          </button>
        ))}
      </div>
    </div>
  );
}
