import type { Clock, Random } from '../clock.ts';
import { hasCode } from '../errors.ts';

const tries = 5;
const pauseMs = 50;

/**
 * Reads and writes again where somebody wrote between (KUBE_CONFLICT), five times at most. `attempt` must read anew
 * each time and write with the resourceVersion it read.
 */
export async function retryingConflicts<T>(
  clock: Clock,
  random: Random,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (failures === tries || !hasCode(error, 'KUBE_CONFLICT')) throw error;
      await clock.sleep(random() * pauseMs * failures);
    }
  }
}
