// Numbers and times as people read them; the same width for the same kind, so that nothing jumps when they change.
const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** `12,345`. */
export function count(value: number): string {
  return whole.format(value);
}

/** `0.12 %`: as many digits as tell two arms apart. */
export function percent(value: number): string {
  return value === 0 ? '0 %' : `${value.toFixed(value < 10 ? 2 : 1)} %`;
}

/** `87 ms`, `1.24 s`. */
export function milliseconds(value: number): string {
  return value < 1000 ? `${Math.round(value)} ms` : `${(value / 1000).toFixed(2)} s`;
}

/** `104`, `3.2`, `0.05`. */
export function perSecond(value: number): string {
  if (value === 0) return '0';
  return value >= 100 ? count(value) : value.toFixed(value < 1 ? 2 : 1);
}

/** `45 s`, `3 min`, `2 h 05 min`, `4 d 3 h`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`;
  return `${Math.floor(hours / 24)} d ${hours % 24} h`;
}

/** `0:45`, `12:07`, `1:02:07`: a time that runs down. */
export function countdown(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  const two = (value: number): string => String(value).padStart(2, '0');
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

const timeOfDay = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const dayAndTime = new Intl.DateTimeFormat('en-GB', {
  ...{ day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' },
});

/** `14:05:09` of the viewer's day. */
export function time(ms: number): string {
  return timeOfDay.format(ms);
}

/** `24 Nov, 14:05`. */
export function date(ms: number): string {
  return dayAndTime.format(ms);
}

/** What tells an image from its other versions: without registry and path, a digest cut. */
export function imageName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1);
  return last.replace(/@sha256:([0-9a-f]{12})[0-9a-f]+$/, '@$1');
}
