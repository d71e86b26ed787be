import type { Detail } from '../wire.ts';
import { type DiffLine, diffLines, folded } from './diff.ts';

const signs: Readonly<Record<DiffLine['is'], string>> = { same: ' ', gone: '-', new: '+' };

/** What differs between the two pod templates. */
export function Diff({ templates }: { readonly templates: Detail['templates'] }) {
  if (templates === undefined) return null;
  const lines = folded(diffLines(templates.stable, templates.candidate));
  return (
    <section aria-labelledby="diff">
      <h3 id="diff">What the candidate changes</h3>
      <div class="code diff" tabIndex={0} role="group" aria-labelledby="diff">
        {lines.map((line, index) =>
          line.is === 'folded' ? (
            <div key={index} class="fold">
              {line.lines} {line.lines === 1 ? 'line' : 'lines'} alike
            </div>
          ) : (
            <div key={index} data-is={line.is}>
              <span class="sign">{signs[line.is]}</span>
              {line.text}
            </div>
          ),
        )}
      </div>
    </section>
  );
}
