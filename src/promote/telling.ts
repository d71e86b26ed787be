// What a promotion says: a line for each step, and all of it as one object for programs.
import { span } from '../plugin/lines.ts';
import type { Io } from '../plugin/verb.ts';
import type { Asked } from './asked.ts';
import type { Kind } from './kinds/kind.ts';

/** The object of `-o json`. */
export interface Told {
  readonly app: string;
  readonly version: string;
  readonly environment: string;
  readonly from?: string;
  readonly source?: {
    readonly repo: string;
    readonly branch: string;
    readonly file: string;
    readonly kind: Kind;
  };
  readonly commit?: string;
  readonly request?: { readonly url: string; readonly state: 'open' | 'merged' | 'closed' };
  readonly deployment?: string;
  readonly revision?: string;
  readonly outcome?: 'promoted' | 'asked' | 'failed' | 'unknown';
  readonly message?: string;
  /** How the earlier version was asked for after a failure: a request, a commit, or an image. */
  readonly reverted?: string;
}

export class Telling {
  /** For whatever tells lines of its own. */
  readonly io: Io;
  readonly #out: Io['out'];
  readonly #isData: boolean;
  #told: Told;

  constructor(
    io: Io,
    { app, version, environment }: Pick<Asked, 'app' | 'version' | 'environment'>,
    isData: boolean,
  ) {
    // Where an object is wanted it is the only thing on standard output.
    this.io = isData ? { ...io, out: io.err } : io;
    this.#out = io.out;
    this.#isData = isData;
    this.#told = { app, version, environment };
  }

  /** Writes the line of a step. */
  step(word: string, text: string): void {
    this.io.out(`${word.padEnd(8)} ${span(text).text}\n`);
  }

  /** Keeps something for the object. */
  note(more: Partial<Told>): void {
    this.#told = { ...this.#told, ...more };
  }

  /** Tells lines as this one does; the object has nothing of it. */
  aside(): Telling {
    return new Telling(this.io, this.#told, false);
  }

  /** Writes the object, where it is wanted. */
  end(): void {
    if (this.#isData) this.#out(`${JSON.stringify(this.#told, null, 2)}\n`);
  }
}
