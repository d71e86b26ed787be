// Every verb of `kubectl canary`. What a verb needs is loaded when it runs (`run: async (io, args) => (await
// import('./status.ts')).status(io, args)`), so that no other waits for it.
import type { Verb } from './verb.ts';

/** In the order of help. */
export const verbs: readonly Verb[] = [];
