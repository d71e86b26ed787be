#!/usr/bin/env node
// `kubectl canary`: kubectl starts whatever on the PATH is called kubectl-canary, and asks kubectl_complete-canary what may
// follow. `serin canary` is the same.
import { basename } from 'node:path';
import { realIo } from './plugin/process.ts';
import { run } from './plugin/run.ts';
import { verbs } from './plugin/verbs.ts';

const [, called = '', ...words] = process.argv;
const asked = basename(called).startsWith('kubectl_complete') ? ['__complete'] : [];
const argv = [...asked, ...(words[0] === 'canary' ? words.slice(1) : words)];
// No await here: as one file (test/package) this is no module.
void run(verbs, argv, realIo(argv)).then((code) => {
  process.exitCode = code;
});
