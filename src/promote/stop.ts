import { exit, type ExitCode } from '../plugin/verb.ts';

/** The end of a promotion that did not come to its verdict: what was being done, why it went no further, what would help. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly code: ExitCode;

  constructor(message: string, code: ExitCode = exit.failed) {
    super(message);
    this.code = code;
  }
}
