import { isPlainMap, own } from './document.ts';
import { parseDuration } from './duration.ts';

/** One thing that is wrong: where, and a sentence with what was seen and what would be right. */
export interface Mistake {
  /** Such as `analysis.metrics[0].thresholdRange.max`; empty for the document itself. */
  readonly path: string;
  readonly problem: string;
}

/** The mistake as one line of text; `document` stands for the path of the document itself. */
export function mistakeText({ path, problem }: Mistake, document: string): string {
  const line = `${path === '' ? document : path}${problem.startsWith('expected') ? ':' : ''} ${problem}`;
  // A key of the author's stands in the path, and may hold anything.
  return line.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 400);
}

/** What reading found out beside the values. */
export interface Findings {
  readonly mistakes: Mistake[];
  readonly notes: string[];
}

/** A value of the document with the path it stands at. Readers answer undefined where it is absent or wrong; wrong is also reported. */
export class Field {
  readonly path: string;
  readonly value: unknown;
  readonly #findings: Findings;

  constructor(path: string, value: unknown, findings: Findings) {
    this.path = path;
    this.value = value;
    this.#findings = findings;
  }

  /** False of a key that is not there and of one without a value (`service:`). */
  get isGiven(): boolean {
    return this.value !== undefined && this.value !== null;
  }

  get isMap(): boolean {
    return isPlainMap(this.value);
  }

  report(problem: string): undefined {
    this.#findings.mistakes.push({ path: this.path, problem });
  }

  note(text: string): void {
    this.#findings.notes.push(`${this.path}: ${text}`);
  }

  expected(what: string): undefined {
    return this.report(`expected ${what}, got ${shown(this.value)}`);
  }

  /** The keys of a map; none where it is absent or no map (which is reported). */
  keys(): readonly string[] {
    if (!this.isGiven) return [];
    if (isPlainMap(this.value)) return Object.keys(this.value);
    this.expected('a map');
    return [];
  }

  at(key: string): Field {
    const value = isPlainMap(this.value) ? own(this.value, key) : undefined;
    return new Field(this.path === '' ? key : `${this.path}.${key}`, value, this.#findings);
  }

  items(): readonly Field[] | undefined {
    if (!this.isGiven) return undefined;
    if (!Array.isArray(this.value)) return this.expected('a list');
    return this.value.map(
      (item: unknown, index) => new Field(`${this.path}[${index}]`, item, this.#findings),
    );
  }

  whole(min: number, max: number): number | undefined {
    if (!this.isGiven || isWithin(this.value, min, max, true)) return this.#numberOrNothing();
    return this.expected(`a whole number from ${min} to ${max}`);
  }

  number(min = -Number.MAX_VALUE, max = Number.MAX_VALUE): number | undefined {
    if (!this.isGiven || isWithin(this.value, min, max, false)) return this.#numberOrNothing();
    const from = min === -Number.MAX_VALUE ? '' : ` from ${min}`;
    return this.expected(`a number${from}${max === Number.MAX_VALUE ? '' : ` to ${max}`}`);
  }

  flag(): boolean | undefined {
    if (!this.isGiven) return undefined;
    return typeof this.value === 'boolean' ? this.value : this.expected('true or false');
  }

  text(): string | undefined {
    if (!this.isGiven) return undefined;
    return typeof this.value === 'string' && this.value.trim() !== '' ? this.value : this.expected('a text');
  }

  texts(): readonly string[] | undefined {
    return this.items()?.flatMap((item) => item.text() ?? item.required('a text'));
  }

  /** The texts of a map, which may be empty; undefined where there are none. */
  textsByName(): { readonly [name: string]: string } | undefined {
    const keys = this.keys();
    if (keys.length === 0) return undefined;
    const pairs = keys.map((key) => {
      const field = this.at(key);
      field.required('a text');
      return [key, field.value === '' ? '' : (field.text() ?? '')];
    });
    return Object.fromEntries(pairs) as Record<string, string>;
  }

  choice<T extends string>(choices: readonly T[]): T | undefined {
    if (!this.isGiven) return undefined;
    return choices.find((choice) => choice === this.value) ?? this.expected(choices.join(' or '));
  }

  /** Milliseconds, from one second to a week. */
  duration(): number | undefined {
    if (!this.isGiven) return undefined;
    const ms = typeof this.value === 'string' ? parseDuration(this.value) : undefined;
    if (ms !== undefined && ms >= 1000 && ms <= longestMs) return ms;
    return this.expected('a duration from 1s to 168h, such as 60s or 1m30s');
  }

  /** Reports a value that must be there and is not; one that is there, right or wrong, is the readers' matter. */
  required(what: string): readonly never[] {
    if (!this.isGiven) this.report(`is missing: ${what} is needed`);
    return [];
  }

  #numberOrNothing(): number | undefined {
    return typeof this.value === 'number' ? this.value : undefined;
  }
}

/** A week: longer waits are mistakes, and a timer of Node fires at once beyond 24 days. */
const longestMs = 168 * 3_600_000;

function isWithin(value: unknown, min: number, max: number, whole: boolean): boolean {
  return typeof value === 'number' && value >= min && value <= max && (!whole || Number.isInteger(value));
}

/** A value as it would stand in JSON, cut so that a sentence stays a sentence. */
function shown(value: unknown): string {
  // JSON has no NaN, and leaves out what is not there.
  const text = typeof value === 'number' || value === undefined ? String(value) : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
