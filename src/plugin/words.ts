// Times and numbers as people read them.

/** A length of time: `48s`, `2m10s`, `3h5m`, `4d2h`. */
export function lengthText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  const [minutes, hours, days] = [seconds / 60, seconds / 3600, seconds / 86_400].map(Math.floor) as [
    number,
    number,
    number,
  ];
  if (minutes === 0) return `${seconds}s`;
  if (hours === 0) return pair(minutes, 'm', seconds % 60, 's');
  return days === 0 ? pair(hours, 'h', minutes % 60, 'm') : pair(days, 'd', hours % 24, 'h');
}

function pair(big: number, unit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${big}${unit}` : `${big}${unit}${small}${smallUnit}`;
}

/** How long ago, or in how long. */
export function whenText(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < 500) return 'now';
  return ms > 0 ? `in ${lengthText(ms)}` : `${lengthText(-ms)} ago`;
}

/** The time of day, UTC. */
export function clockText(at: number): string {
  return new Date(at).toISOString().slice(11, 19);
}

/** Day and time of day, UTC. */
export function dateText(at: number): string {
  return new Date(at).toISOString().slice(0, 19).replace('T', ' ');
}

/** A whole number in groups of three: `12 345`. */
export function countText(count: number): string {
  return String(Math.round(count)).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** Percent that `part` is of `whole`, in as many digits as tell it from nothing. */
export function shareText(part: number, whole: number): string {
  if (whole === 0) return '-';
  const percent = (100 * part) / whole;
  return `${percent > 0 && percent < 0.1 ? percent.toPrecision(2) : Number(percent.toFixed(2))} %`;
}

/** Milliseconds of a latency. */
export function latencyText(ms: number): string {
  if (ms >= 10_000) return `${Number((ms / 1000).toFixed(1))} s`;
  return `${Number(ms.toPrecision(3))} ms`;
}
