import { useState } from 'preact/hooks';
import { askAction } from './ask.ts';
import { Dialog } from './dialog.tsx';
import type { Offer } from './verbs.ts';

interface ActProps {
  readonly of: string;
  /** The candidate that is shown. */
  readonly revision: string | undefined;
  readonly offer: Offer;
  /** Of a rollback: to which revision; absent: the one before. */
  readonly to?: string;
  readonly onClose: () => void;
}

/** Asks for a reason and an answer before anything is done, and shows why where it was refused. */
export function Act({ of, revision, offer: { verb, label, effect }, to, onClose }: ActProps) {
  const [reason, setReason] = useState('');
  const [isSent, setSent] = useState(false);
  const [problem, setProblem] = useState('');
  const send = async (): Promise<void> => {
    setSent(true);
    setProblem('');
    const refusal = await askAction(of, { verb, reason: reason.trim(), revision, to });
    setSent(false);
    if (refusal === undefined) onClose();
    else setProblem(refusal);
  };
  return (
    <Dialog title={to === undefined ? `${label} ${of}?` : `${label} ${of} to ${to}?`} onClose={onClose}>
      <p>{effect}</p>
      <label class="reason">
        Reason <span class="in">(kept with your name)</span>
        <input
          type="text"
          maxLength={500}
          value={reason}
          onInput={({ currentTarget }) => setReason(currentTarget.value)}
          onKeyDown={({ key }) => {
            if (key === 'Enter' && !isSent) void send();
          }}
        />
      </label>
      <p class="problem" role="alert">
        {problem}
      </p>
      <p class="buttons">
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        <button type="button" class="main" data-verb={verb} disabled={isSent} onClick={() => void send()}>
          {label}
        </button>
      </p>
    </Dialog>
  );
}
