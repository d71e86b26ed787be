import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import type { Both } from './both.ts';
import { textAt } from './json.ts';

/** The path match that meets both: one of the two, since a prefix of Gateway API covers whole segments. */
export function narrowerPath(own: Json | undefined, other: Json | undefined): Both {
  const only = other ?? own;
  if (only === undefined) return { kind: 'both' };
  if (own === undefined || other === undefined) return { kind: 'both', value: only };
  const [mine, theirs] = [plain(own), plain(other)];
  if (isSame(mine, theirs)) return { kind: 'both', value: own };
  if (mine.type === 'RegularExpression')
    return {
      kind: 'unsayable',
      why: 'a rule matches its path by a regular expression, and no other with it',
    };
  if (covers(mine, theirs)) return { kind: 'both', value: other };
  return covers(theirs, mine) ? { kind: 'both', value: own } : { kind: 'nothing' };
}

type Path = JsonObject & { readonly type: string; readonly value: string };

function plain(path: Json): Path {
  return { type: textAt(path, 'type') ?? 'PathPrefix', value: textAt(path, 'value') ?? '/' };
}

function covers(wide: Path, narrow: Path): boolean {
  if (wide.type !== 'PathPrefix') return false;
  // The last slash of a prefix says nothing.
  const prefix = wide.value.replace(/\/$/, '');
  return narrow.value === prefix || narrow.value.startsWith(`${prefix}/`);
}
