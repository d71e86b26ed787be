// Loaded before anything else in the process that tries a mutant: whoever imports the file gets the mutant of it.
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { type Ended, endedMark } from './ended.ts';
import { type Mutant, mutated } from './mutant.ts';
import { mutantCalled } from './mutants/index.ts';

const name = process.env['SERIN_MUTANT'];
let isApplied = false;
if (name !== undefined) apply(mutantCalled(name));

process.on('exit', () => {
  const { user, system } = process.cpuUsage();
  const ended: Ended = { cpuMs: Math.round((user + system) / 1_000), isApplied };
  process.stderr.write(`\n${endedMark}${JSON.stringify(ended)}\n`);
});

function apply(mutant: Mutant): void {
  const path = join(import.meta.dirname, '../../../src', mutant.file);
  const url = pathToFileURL(path).href;
  registerHooks({
    load: (asked, context, next) => {
      const loaded = next(asked, context);
      if (asked !== url) return loaded;
      isApplied = true;
      return { ...loaded, source: mutated(mutant, readFileSync(path, 'utf8')) };
    },
  });
}
