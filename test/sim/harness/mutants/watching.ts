// What the controller hears, and when it works on it.
import type { Mutant } from '../mutant.ts';

export const ofWatching: readonly Mutant[] = [
  {
    name: 'gone-not-listed-anew',
    file: 'kube/reflector.ts',
    text: 'if (isOvertaken || this.#failuresInARow >= mostFailuresOfAVersion) this.#version = undefined;',
    becomes: '',
    removes: 'a version that the API server no longer knows is asked for again and again',
    caughtBy: [{ row: 'row 17: 410', in: 'calls' }],
  },
  {
    name: 'silence-trusted',
    file: 'kube/client.ts',
    text: 'const bytes = untilSilent(clock, silenceMs, body);',
    becomes: 'const bytes = body;',
    removes: 'a stream that stays silent is waited for without an end',
    caughtBy: [{ row: 'row 17: a stream', in: 'calls' }],
  },
  {
    name: 'failure-forgotten',
    file: 'controller/queue.ts',
    text: 'this.#wakeAgain(key, now + delay);',
    becomes: '',
    removes: 'a look that failed is not tried again',
    caughtBy: [
      { row: 'row 19', in: 'calls' },
      { row: 'row 21: the twin', in: 'calls' },
      { row: 'row 22:', in: 'calls' },
    ],
  },
  {
    name: 'asked-wait-not-heeded',
    file: 'kube/retry.ts',
    text: 'return (error instanceof SerinError ? error.retryAfterMs : undefined) ?? 0;',
    becomes: 'return error instanceof SerinError ? 0 : 0;',
    removes: 'an API server that is busy and says for how long is asked at once',
    caughtBy: [{ row: 'row 19', in: 'calls' }],
  },
  {
    name: 'lease-taken-early',
    file: 'controller/lease-record.ts',
    text: 'unchangedMs >= durationMs',
    becomes: 'unchangedMs >= 0',
    removes: 'the Lease of a leader that lives is taken',
    caughtBy: [{ row: 'row 22: a leader', in: 'calls' }],
  },
  {
    name: 'told-as-idle',
    file: 'controller/idle.ts',
    text: 'if (isWaiting(deployment)) return false;',
    becomes: '',
    removes: 'what a policy has held while the webhook was down is not taken up',
    caughtBy: [{ row: 'row 24', in: 'calls' }],
  },
];
