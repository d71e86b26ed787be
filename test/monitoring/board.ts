// A dashboard as data: what each panel asks, and how it is to be shown.

export interface Query {
  readonly expr: string;
  /** What a series is called; its labels in double braces. */
  readonly legend: string;
}

export interface Chart {
  readonly title: string;
  /** One sentence for who does not know the figure. */
  readonly about: string;
  /** `series`: lines; `number`: the last value; `states`: what was so when. */
  readonly as: 'series' | 'number' | 'states';
  /** As Grafana calls it. */
  readonly unit: string;
  readonly queries: readonly Query[];
  /** Of 24 columns; absent: half. */
  readonly width?: number;
  readonly min?: number;
  readonly max?: number;
  /** The series that are limits and no measures, drawn dashed. */
  readonly limits?: string;
  /** Of series by their name, where Grafana's own choice would mislead. */
  readonly colors?: Readonly<Record<string, string>>;
}

export interface Variable {
  readonly name: string;
  readonly label: string;
  /** Of which series, and which label of theirs. */
  readonly values: { readonly of: string; readonly label: string };
}

export interface Board {
  readonly uid: string;
  readonly title: string;
  readonly about: string;
  readonly variables: readonly Variable[];
  /** Where something began, drawn through all panels. */
  readonly marks: readonly (Query & { readonly name: string })[];
  /** By the title of their row. */
  readonly rows: Readonly<Record<string, readonly Chart[]>>;
}

/** The data source that is chosen above. */
export const source = { type: 'prometheus', uid: '${datasource}' };
