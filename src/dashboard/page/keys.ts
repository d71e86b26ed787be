import { useEffect, useRef } from 'preact/hooks';

export interface Bindings {
  readonly move: (by: 1 | -1) => void;
  readonly open: () => void;
  readonly search: () => void;
  readonly back: () => void;
  readonly help: () => void;
}

/** What can be typed, for the help. */
export const bindingsShown: readonly (readonly [keys: string, what: string])[] = [
  ['j  k', 'next, previous rollout'],
  ['Enter', 'open it'],
  ['/', 'filter'],
  ['Esc', 'clear the filter, go back to the list, close'],
  ['?', 'this help'],
];

/** Listens to the keyboard while the page stands; who types a text types a text. */
export function useKeys(bindings: Bindings): void {
  const now = useRef(bindings);
  now.current = bindings;
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]') !== null)
        return;
      const action = actionOf(event, now.current);
      if (action === undefined) return;
      event.preventDefault();
      action();
    };
    addEventListener('keydown', press);
    return () => removeEventListener('keydown', press);
  }, []);
}

function actionOf({ key, target }: KeyboardEvent, bindings: Bindings): (() => void) | undefined {
  if (key === 'Escape') return bindings.back;
  if (target instanceof HTMLElement && /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName)) return undefined;
  switch (key) {
    case 'j':
      return () => bindings.move(1);
    case 'k':
      return () => bindings.move(-1);
    case 'Enter':
      // A button or a link does what it is for.
      return target instanceof HTMLElement && /^(?:A|BUTTON|SUMMARY)$/.test(target.tagName)
        ? undefined
        : bindings.open;
    case '/':
      return bindings.search;
    case '?':
      return bindings.help;
    default:
      return undefined;
  }
}
