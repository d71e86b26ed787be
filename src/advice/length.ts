/** A length of time as a plan writes it: `90s`, `1m30s`, `2h`. */
export function lengthText(ms: number): string {
  if (ms > 0 && ms < 1000) return `${Math.round(ms)}ms`;
  const all = Math.round(ms / 1000);
  const parts = [Math.floor(all / 3600), Math.floor(all / 60) % 60, all % 60];
  return parts.flatMap((part, index) => (part === 0 ? [] : [`${part}${'hms'[index]}`])).join('') || '0s';
}
