// What Grafana does with a query before it asks it.
import type { Variable } from './board.ts';

/** The query with the values of its variables in it; throws where one has none. */
export function fill(text: string, values: ReadonlyMap<string, string>): string {
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => {
    const value = values.get(name);
    if (value === undefined) throw new Error(`no value for $${name} in ${text}`);
    return value;
  });
}

type Ask = (path: string, query: Readonly<Record<string, string>>) => Promise<string[]>;

/** What a variable offers: Grafana asks for the values of a label among series. */
export function variableValues(
  { values: { of, label } }: Variable,
  given: ReadonlyMap<string, string>,
  ask: Ask,
): Promise<string[]> {
  return ask(`label/${label}/values`, { 'match[]': fill(of, given) });
}
