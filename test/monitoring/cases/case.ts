// When an alert fires and when it does not, as Prometheus' own unit tests of rules say it.

/** Series by their selector: values as promtool writes them, a minute apart. */
type Series = Readonly<Record<string, string>>;

export interface Case {
  readonly alert: string;
  readonly name: string;
  readonly series: Series;
  /** When it is looked at. */
  readonly at: string;
  /** The alerts that fire then, by their labels, with the descriptions they carry; absent: none. */
  readonly fires?: Fired | readonly Fired[];
}

export interface Fired {
  readonly labels?: Readonly<Record<string, string>>;
  readonly summary?: string;
  readonly description?: string;
}

/** The buckets of a histogram of Serin's, by their upper bounds; the last has all. */
export function took(name: string, buckets: Readonly<Record<string, string>>): Series {
  const all = { ...buckets, '+Inf': Object.values(buckets).at(-1) ?? '' };
  return Object.fromEntries(
    Object.entries(all).map(([le, values]) => [`serin_${name}_seconds_bucket{le="${le}"}`, values]),
  );
}
