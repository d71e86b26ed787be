import type { Command } from '../config/command.ts';
import { endRollouts } from '../controller/uninstall.ts';
import type { Parts } from './parts.ts';

type UninstallCommand = Extract<Command, { kind: 'uninstall' }>;

/** Nobody who uninstalls takes longer than this to delete the manifests. */
const noteMs = 3_600_000;

/** Ends all rollouts at stable and says so as it goes; answers the exit code. */
export async function runUninstall(
  { kube, serverClock }: Pick<Parts, 'kube' | 'serverClock'>,
  { namespace, timeoutMs }: UninstallCommand,
  print: (line: string) => void,
): Promise<number> {
  const left = await endRollouts({
    ...{ kube, clock: serverClock, home: namespace, limitMs: timeoutMs, noteMs },
    onLeft: (names) => {
      if (names.length > 0) print(`ends at stable: ${names.join(', ')}`);
    },
  });
  if (left.length > 0) {
    print(`not ended after ${timeoutMs / 1000}s: ${left.join(', ')}`);
    print(`is Deployment serin in namespace ${namespace} up? kubectl describe says what keeps each of them`);
    return 1;
  }
  print('no rollout is left, and none begins for an hour. What remains:');
  print('  kubectl delete -k manifests/policies    (where they are installed; before the next)');
  print('  kubectl delete -k manifests');
  return 0;
}
