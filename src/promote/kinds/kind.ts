// Where a version may stand in a repository.
import { isMap, isSeq } from 'yaml';

/** In the order in which they count where several have the version. */
export const kinds = ['helmfile', 'chart', 'kustomize', 'values', 'manifests'] as const;

export type Kind = (typeof kinds)[number];

/** Whose version is looked for. */
export interface Wanted {
  readonly app: string;
  readonly deployment: string;
  readonly container?: string;
  /** What its image is called, where not as the application. */
  readonly image?: string;
  /** Where it stands in a values file. */
  readonly key?: string;
}

/** A value that is the version, or an image with it as its tag. */
export interface Found {
  /** As `dependency web`. */
  readonly what: string;
  readonly node: unknown;
  readonly isImage?: true;
  readonly namespace?: string;
  /** Why it must not be changed, whatever it is. */
  readonly problem?: string;
}

/** Reads one document of a file that is called so. */
export type Finder = (root: unknown, wanted: Wanted, file: string) => readonly Found[];

/** What stands under `key`; undefined where there is nothing. */
export function at(node: unknown, key: string): unknown {
  return isMap(node) ? node.get(key, true) : undefined;
}

/** What a list holds. */
export function itemsOf(node: unknown): readonly unknown[] {
  return isSeq(node) ? node.items : [];
}

/** True where a folder of the path or the file is called that, alone or as a part: `web` of `apps/values-web.yaml`. */
export function isOf(path: string, name: string): boolean {
  return path.split('/').some((part) => {
    const from = part.indexOf(name);
    const before = part.at(from - 1) ?? '';
    const after = part.at(from + name.length) ?? '';
    return from !== -1 && (from === 0 || isMark(before)) && (after === '' || isMark(after));
  });
}

const isMark = (letter: string): boolean => ['.', '-', '_'].includes(letter);
