// The part of PromQL that queries of Serin and its users are made of. What is not here throws: it is for the simulator to
// learn, not to answer wrongly.

export interface Matcher {
  readonly label: string;
  readonly matches: (value: string) => boolean;
}

export type Expression =
  | { readonly kind: 'number'; readonly value: number }
  | {
      readonly kind: 'selector';
      readonly metric: string;
      readonly matchers: readonly Matcher[];
      readonly rangeMs: number | undefined;
    }
  | { readonly kind: 'call'; readonly name: string; readonly args: readonly Expression[] }
  | { readonly kind: 'sum'; readonly by: readonly string[]; readonly of: Expression }
  | {
      readonly kind: 'binary';
      readonly operator: string;
      readonly left: Expression;
      readonly right: Expression;
    };

/** Reads a query; throws where it is of a form the simulator does not know. */
export function parseQuery(query: string): Expression {
  const reader = new Reader(query);
  const expression = reader.binary(0);
  reader.end();
  return expression;
}

/** From the loosest to the tightest. */
const operators: readonly (readonly string[])[] = [['or'], ['+', '-'], ['*', '/']];
const functions = ['increase', 'rate', 'histogram_quantile', 'vector', 'scalar', 'time'];
const token =
  /\s*(?:([A-Za-z_:][\w:]*)|(\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w.]))|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(\[[^\]]*\])|(=~|!~|!=|[-=+*/(){},]))/y;

class Reader {
  readonly #query: string;
  #at = 0;
  #next = '';

  constructor(query: string) {
    this.#query = query;
    this.#advance();
  }

  end(): void {
    if (this.#next !== '') this.#teach();
  }

  binary(level: number): Expression {
    const own = operators[level];
    if (own === undefined) return this.#primary();
    let left = this.binary(level + 1);
    while (own.includes(this.#next)) {
      const operator = this.#take();
      left = { kind: 'binary', operator, left, right: this.binary(level + 1) };
    }
    return left;
  }

  #primary(): Expression {
    const word = this.#take();
    if (word === '(') return this.#closed(this.binary(0));
    if (/^\d/.test(word)) return { kind: 'number', value: Number(word) };
    if (word === 'sum') return this.#sum();
    if (this.#next === '(' && functions.includes(word)) {
      this.#take();
      return { kind: 'call', name: word, args: this.#list(')', () => this.binary(0)) };
    }
    if (!/^[A-Za-z_]/.test(word) || this.#next === '(') this.#teach();
    return this.#selector(word);
  }

  #sum(): Expression {
    let by = this.#by();
    this.#expect('(');
    const of = this.#closed(this.binary(0));
    if (by.length === 0) by = this.#by();
    return { kind: 'sum', by, of };
  }

  #by(): readonly string[] {
    if (this.#next !== 'by') return [];
    this.#take();
    this.#expect('(');
    return this.#list(')', () => this.#take());
  }

  #selector(metric: string): Expression {
    const matchers = this.#next === '{' ? this.#matchers() : [];
    const rangeMs = this.#next.startsWith('[') ? durationOf(this.#take().slice(1, -1)) : undefined;
    if (Number.isNaN(rangeMs)) this.#teach();
    return { kind: 'selector', metric, matchers, rangeMs };
  }

  #matchers(): readonly Matcher[] {
    this.#take();
    return this.#list('}', () => {
      const [label, operator, value] = [this.#take(), this.#take(), unquoted(this.#take())];
      if (operator === '=') return { label, matches: (text) => text === value };
      if (operator === '!=') return { label, matches: (text) => text !== value };
      const pattern = new RegExp(`^(?:${value})$`, 's'); // anchored, as PromQL does it
      if (operator === '=~') return { label, matches: (text) => pattern.test(text) };
      if (operator === '!~') return { label, matches: (text) => !pattern.test(text) };
      return this.#teach();
    });
  }

  #list<T>(close: string, item: () => T): readonly T[] {
    const items: T[] = [];
    while (this.#next !== close) {
      items.push(item());
      if (this.#next === ',') this.#take();
      else if (this.#next !== close) this.#teach();
    }
    this.#take();
    return items;
  }

  #closed(expression: Expression): Expression {
    this.#expect(')');
    return expression;
  }

  #expect(text: string): void {
    if (this.#take() !== text) this.#teach();
  }

  #take(): string {
    const taken = this.#next;
    this.#advance();
    return taken;
  }

  #advance(): void {
    token.lastIndex = this.#at;
    const found = token.exec(this.#query);
    if (found === null && this.#query.slice(this.#at).trim() !== '') this.#teach();
    this.#next = found?.[0].trim() ?? '';
    this.#at = found === null ? this.#query.length : token.lastIndex;
  }

  #teach(): never {
    throw new Error(`teach the simulator this query (at ${this.#at}): ${this.#query}`);
  }
}

function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

function durationOf(text: string): number {
  if (!/^(?:\d+(?:ms|[smh]))+$/.test(text)) return Number.NaN;
  let sum = 0;
  for (const [, count, unit = ''] of text.matchAll(/(\d+)(ms|[smh])/g))
    sum += Number(count) * (units[unit] ?? 0);
  return sum;
}
