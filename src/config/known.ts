import { isPlainMap } from './document.ts';
import type { Field } from './field.ts';
import { nearest } from './nearest.ts';
import type { Level } from './schema.ts';

/** Reports every field of `map` that is not read at this level, and notes those that change nothing. */
export function checkNames(map: Field, level: Level): void {
  for (const key of map.keys()) checkName(map.at(key), key, level);
}

function checkName(field: Field, key: string, level: Level): void {
  if (level.known.includes(key)) return;
  const refusal = sentenceOf(level.refused, key);
  if (refusal !== undefined) {
    if (!isOff(field.value)) field.report(refusal);
    return;
  }
  const note = sentenceOf(level.noted, key);
  if (note !== undefined) return field.note(note);
  const meant = nearest(key, [...level.known, ...Object.keys(level.refused), ...Object.keys(level.noted)]);
  field.report(`is not a known field${meant === undefined ? '' : `; did you mean ${meant}?`}`);
}

function sentenceOf(sentences: Level['noted'], key: string): string | undefined {
  return Object.hasOwn(sentences, key) ? sentences[key] : undefined;
}

/** True of what is switched off, which asks for nothing: `mirror: false`, `webhooks: []`, `alerts:`. */
export function isOff(value: unknown): boolean {
  if (value === undefined || value === null || value === false) return true;
  return Array.isArray(value) ? value.length === 0 : isPlainMap(value) && Object.keys(value).length === 0;
}

/** The one of two names of a field that is given; both is a mistake, since they may differ. */
export function either(map: Field, name: string, other: string): Field {
  const [field, alias] = [map.at(name), map.at(other)];
  if (field.isGiven && alias.isGiven) alias.report(`says the same as ${field.path}: remove one of them`);
  return field.isGiven ? field : alias;
}
