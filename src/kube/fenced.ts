import { SerinError } from '../errors.ts';
import type { Kube } from './kube.ts';

/**
 * The same Kube for work that only a leader may do: a write is refused (KUBE_CONFLICT) unless `holds` at the moment it
 * leaves. A process that stood still for longer than its Lease goes on in the middle of a look, with what it saw long ago.
 */
export function fenced(kube: Kube, holds: () => boolean): Kube {
  const write = async <T>(doing: () => Promise<T>): Promise<T> => {
    if (holds()) return doing();
    throw new SerinError('KUBE_CONFLICT', 'not written: the Lease may be held by another by now');
  };
  return {
    ...kube,
    create: (...call) => write(() => kube.create(...call)),
    patch: (...call) => write(() => kube.patch(...call)),
    delete: (...call) => write(() => kube.delete(...call)),
  };
}
