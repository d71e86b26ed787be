// The environment that the tests of promotions are about: `web` among the images of a kustomization, at version 1.

export const file = 'production/kustomization.yaml';
export const images = (tag: string): string =>
  `# Of production.\nimages:\n- name: web\n  newTag: '${tag}'   # by a pipeline\n`;
/** Words that promote it to version 2. */
export const promote = (...more: readonly string[]): readonly string[] => [
  ...['promote', 'web', '-v', '2', '-e', 'production', '--timeout', '2m'],
  ...more,
];
export const tagIn = (text: string): string => /newTag: '(.*)'/.exec(text)?.[1] ?? '';
