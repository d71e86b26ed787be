import { deepEqual, ok } from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { pageText } from './page.ts';

const root = join(import.meta.dirname, '../..');
const sources = globSync(['src/**/*.ts', 'manifests/**/*.yaml'], { cwd: root })
  .map((file) => readFileSync(join(root, file), 'utf8'))
  .join('\n');

/** The messages that the page explains: what stands first in a row, as code. */
const explained = [...pageText('docs/troubleshooting.md').matchAll(/^\| `([^`]+)`/gm)].map(
  ([, message = '']) => message,
);
/** What only its end differs in, or what others say. */
const ofOthers = ['failed calling webhook', '[rule] …'];

test('every message that the page explains is one that Serin says', () => {
  ok(explained.length > 25);
  const unknown = explained
    .filter((message) => !ofOthers.includes(message))
    .flatMap((message) => message.split('…'))
    .map((part) => part.trim().replace(/^held: web /, ''))
    .filter((part) => !sources.includes(part));
  deepEqual(unknown, []);
});

test('every reason of an Event that needs somebody is explained, or its message is', () => {
  const reasons = new Set(
    [...sources.matchAll(/type: 'Warning',\s*reason: '(\w+)'/g)].map(([, reason = '']) => reason),
  );
  const page = pageText('docs/troubleshooting.md');
  // Their messages are the rows of the sections: what does not begin, does not go on, failed.
  const byMessage = ['CanaryHeld', 'CanaryFailed', 'CanaryBypassed', 'CanaryPromoting'];
  deepEqual(
    [...reasons].filter((reason) => !byMessage.includes(reason) && !page.includes(reason)),
    [],
  );
});
