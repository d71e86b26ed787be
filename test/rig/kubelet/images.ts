// What stands behind an image name. There is no registry: an image the rig does not know cannot be pulled.
import type { Env } from './environment.ts';
import type { ContainerSpec, Pod, Probe } from './pod.ts';
import { startSerin } from './serin.ts';
import { shopPort, startShop } from './shop.ts';
import type { Traffic } from './traffic.ts';
import type { Api } from '../api.ts';

/** What an instance of an image is started with. */
export interface Launch {
  readonly tag: string;
  readonly pod: Pod;
  readonly podName: string;
  readonly podIp: string;
  readonly container: ContainerSpec;
  readonly env: Env;
  readonly args: readonly string[];
  readonly host: Host;
}

/** What the node lends to what runs on it. */
export interface Host {
  readonly api: Api;
  readonly apiServerPort: number;
  readonly caPem: string;
  readonly stateDir: string;
}

/** A running container. */
export interface Instance {
  /** The exit code, once it has ended. */
  readonly ended: Promise<number>;
  /** What it served, where the rig is the one that serves. */
  readonly traffic?: Traffic;
  /** Its process, where it has one of its own. */
  readonly pid?: number;
  kill(signal: NodeJS.Signals): void;
  /** Asks it to end (SIGTERM); resolves when it was asked, `ended` says the rest. */
  stop(): Promise<void>;
}

export interface Image {
  readonly tag: string;
  readonly start: (launch: Launch) => Promise<Instance>;
  /** Asked where the container has no readiness probe of its own. */
  readonly readiness?: Probe;
}

/** The image of that name, or undefined where it cannot be pulled. */
export function findImage(container: ContainerSpec): Image | undefined {
  const [, name = '', tag = 'latest'] =
    /^(?:.*\/)?([^/:@]+)(?::([^@]+))?(?:@.*)?$/.exec(container.image) ?? [];
  if (name === 'serin') return { tag, start: startSerin };
  if (name !== 'shop' || tag === 'missing') return undefined;
  return { tag, start: startShop, readiness: { httpGet: { port: shopPort(container) }, periodSeconds: 1 } };
}
