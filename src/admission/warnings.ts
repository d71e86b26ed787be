/** kube-apiserver's limits (endpoints/filters/warning.go): beyond them it cuts or drops warnings by itself. */
const mostInAll = 4096;
const mostInOne = 256;

/** The warnings as kube-apiserver passes them on: no control characters (it drops such a text silently), none too long. */
export function withinLimits(warnings: readonly string[]): readonly string[] {
  const texts = warnings.map((text) => cut(text.toWellFormed().replaceAll(/\p{Cc}+/gu, ' ')));
  const sums = texts.map((_, index) => texts.slice(0, index + 1).reduce((sum, text) => sum + runes(text), 0));
  return texts.filter((_, index) => (sums[index] ?? 0) <= mostInAll);
}

function cut(text: string): string {
  return runes(text) <= mostInOne
    ? text
    : `${Array.from(text)
        .slice(0, mostInOne - 1)
        .join('')}…`;
}

function runes(text: string): number {
  return Array.from(text).length;
}
