import { Dialog } from './dialog.tsx';
import { bindingsShown } from './keys.ts';

/** What the keyboard does. */
export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl class="keys">
        {bindingsShown.map(([keys, what]) => (
          <div key={keys}>
            <dt>
              {keys.split(/\s+/).map((each) => (
                <kbd key={each}>{each}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="buttons">
        <button type="button" onClick={onClose}>
          Close
        </button>
      </p>
    </Dialog>
  );
}
