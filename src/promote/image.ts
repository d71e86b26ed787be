// The name of an image in its parts.

export interface Image {
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: string;
}

/** The parts of an image as a pod names it. */
export function imageOf(reference: string): Image {
  const [name = '', digest] = reference.split('@');
  const slash = name.lastIndexOf('/');
  const colon = name.indexOf(':', slash + 1);
  return {
    repository: colon === -1 ? name : name.slice(0, colon),
    ...(colon === -1 ? {} : { tag: name.slice(colon + 1) }),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** True where the image is the one that is called that: wholly, or in its last parts. */
export function isCalled(repository: string, name: string): boolean {
  return repository === name || repository.endsWith(`/${name}`);
}
