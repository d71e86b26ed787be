// A process that is killed outright cannot tell its children; they have to look.
const lookEveryMs = 500;

/** Calls `gone` once when the process that started this one (and left SERIN_PARENT_PID) is no more. */
export function whenParentIsGone(gone: () => void): void {
  const parent = process.env['SERIN_PARENT_PID'];
  if (parent === undefined || Number(parent) !== process.ppid) return;
  const timer = setInterval(() => {
    if (process.ppid === Number(parent)) return;
    clearInterval(timer);
    gone();
  }, lookEveryMs);
  timer.unref();
}
