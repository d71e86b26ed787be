// JSON pointers (RFC 6901), by which patches name places.

/** A key as a part of a pointer. */
export function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1');
}

/** The key that a part of a pointer stands for. */
export function unescaped(part: string): string {
  return part.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** The pointer of an annotation of an object. */
export function annotationPath(name: string): string {
  return `/metadata/annotations/${escaped(name)}`;
}
