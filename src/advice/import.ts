// What other tools were told, read from their files.
import type { JsonObject } from '../rollout/types.ts';
import { textAt } from '../routing/json.ts';
import { readDocuments } from './documents.ts';
import { fromRollout } from './from-argo.ts';
import { fromCanary } from './from-flagger.ts';
import type { Imported } from './imported.ts';
import type { File } from './lint.ts';

export interface Read {
  readonly imported: readonly Imported[];
  /** What is none, or cannot be one, and why. */
  readonly unfit: readonly string[];
}

/** Every Canary and Rollout of the files as a plan; templates may be in any of them. */
export function importFrom(files: readonly File[]): Read {
  const read = files.map(({ name, text }) => ({ name, ...readDocuments(text) }));
  const broken = read.flatMap(({ name, broken: all }) =>
    all.map(({ line, column, text }) => `${name}:${line}:${column}: ${text}`),
  );
  const objects = read.flatMap(({ items }) => items.map(({ value }) => value as JsonObject));
  const found = objects.flatMap((object) => {
    const [version = '', kind] = [textAt(object, 'apiVersion'), textAt(object, 'kind')];
    if (kind === 'Canary' && version.startsWith('flagger.app/')) return [fromCanary(object, objects)];
    if (kind === 'Rollout' && version.startsWith('argoproj.io/')) return [fromRollout(object, objects)];
    return [];
  });
  return {
    imported: found.flatMap((each) => ('unfit' in each ? [] : [each])),
    unfit: [...broken, ...found.flatMap((each) => ('unfit' in each ? [each.unfit] : []))],
  };
}
