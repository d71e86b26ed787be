// What a call of an API says.
import { isPlainMap, own } from '../../../src/config/document.ts';
import type { Asked, Opened, World } from './forge-server.ts';

const numberIn = (path: string): number => Number(/\/(\d+)(\/|$)/.exec(path)?.[1] ?? 0);
/** The request that a path names. */
export const byNumber = ({ requests }: World, path: string): Opened | undefined =>
  requests.find(({ number }) => number === numberIn(path));
/** True of a call of that method and path. */
export const is = ({ method, path }: Asked, how: string, form: RegExp): boolean =>
  method === how && form.test(path);
/** A text of a body; empty where there is none, as in a body of another shape. */
export function textIn({ body }: Asked, ...path: readonly string[]): string {
  const found = path.reduce<unknown>((inner, key) => (isPlainMap(inner) ? own(inner, key) : undefined), body);
  return typeof found === 'string' ? found : '';
}
