import type { Step } from '../../report/report.ts';

const words: Readonly<Record<Step['is'], string>> = { done: 'done', now: 'now', ahead: 'ahead' };

/** The plan, and where in it the rollout is. */
export function Steps({ steps }: { readonly steps: readonly Step[] }) {
  if (steps.length === 0) return null;
  return (
    <section aria-labelledby="steps">
      <h3 id="steps">Steps</h3>
      <ol class="steps">
        {steps.map(({ label, is }, index) => (
          <li key={`${index} ${label}`} data-is={is} aria-current={is === 'now' ? 'step' : undefined}>
            {label} <span class="unseen">{words[is]}</span>
          </li>
        ))}
      </ol>
    </section>
  );
}
