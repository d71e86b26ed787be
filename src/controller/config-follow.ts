import type { Clock, Random } from '../clock.ts';
import { configRefs } from '../config/config-refs.ts';
import { templateOf } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import type { KubeObject } from '../kube/objects.ts';
import { keyOf, type StoreView } from '../kube/store.ts';
import { digester } from './config-digest.ts';
import { configKey } from './config-key.ts';
import { ConfigReleases } from './config-release.ts';
import { ConfigWatch, type ConfigWatchOptions } from './config-watch.ts';
import type { WorkQueue } from './queue.ts';

interface Options {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  readonly home?: string;
  readonly randomBytes?: (size: number) => Uint8Array;
  readonly warn: (fields: object, message: string) => void;
  readonly onFollow?: ConfigWatchOptions['onFollow'];
}

/** Releases of configuration, for which the queue is told what to look at; undefined where there is no key to be had. */
export function configReleases(
  { kube, clock, random, home, randomBytes, warn, onFollow }: Options,
  deployments: StoreView,
  queue: WorkQueue,
): ConfigReleases | undefined {
  if (home === undefined || randomBytes === undefined) return undefined;
  const lookAt = (those: readonly KubeObject[]): void => {
    for (const each of those) queue.add(keyOf(each));
  };
  const watch = new ConfigWatch({
    ...{ kube, clock, random, warn, onFollow },
    digester: async () => digester(await configKey(kube, home, randomBytes)),
    onChange: (namespace, ref) => lookAt(releases.readersOf(deployments.inNamespace(namespace), ref)),
    onReady: () => lookAt(deployments.list().filter((each) => configRefs(templateOf(each)).length > 0)),
  });
  const releases = new ConfigReleases(watch);
  return releases;
}
