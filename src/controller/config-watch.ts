import type { Clock, Random } from '../clock.ts';
import { type ConfigKind, type ConfigRef, refName } from '../config/config-refs.ts';
import { hasCode } from '../errors.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, type Resource, resources } from '../kube/objects.ts';
import { createReflector, type Reflector } from '../kube/reflector.ts';
import { retryInMs } from '../kube/retry.ts';
import { textAt } from '../routing/json.ts';
import { type Digester, keptConfig } from './config-digest.ts';

export interface ConfigWatchOptions {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly random: Random;
  /** The key of the digests. */
  readonly digester: () => Promise<Digester>;
  readonly warn: (fields: object, message: string) => void;
  /** Told of each object that came, changed or went. */
  readonly onChange: (namespace: string, ref: string) => void;
  /** Told of each watch as it begins. */
  readonly onFollow?: ((resource: Resource, reflector: Reflector) => void) | undefined;
  /** Told once all is known: what was looked at before has to be looked at again. */
  readonly onReady: () => void;
}

/** What an object holds as far as anybody asks: its digest, nothing (it is not there), or what is not followed. */
export type Holding = { readonly digest: string } | 'lacking' | 'not followed';

const kinds: readonly {
  readonly kind: ConfigKind;
  readonly resource: Resource;
  readonly selector: string;
}[] = [
  // There is one in each namespace, and no pod's owner names it.
  { kind: 'ConfigMap', resource: resources.configMaps, selector: 'metadata.name!=kube-root-ca.crt' },
  // Helm keeps its releases in Secrets: big ones, and as many as there were releases.
  { kind: 'Secret', resource: resources.secrets, selector: 'type!=helm.sh/release.v1' },
];

/** Follows ConfigMaps, and Secrets where it may; keeps digests and no content. */
export class ConfigWatch {
  readonly #options: ConfigWatchOptions;
  readonly #reflectors = new Map<ConfigKind, Reflector>();
  readonly #changedAt = new Map<string, number>();
  #digester: Digester | undefined;
  #isReady = false;

  constructor(options: ConfigWatchOptions) {
    this.#options = options;
  }

  /** The digests' maker, once all is known; nothing can be told before. */
  get ready(): Digester | undefined {
    return this.#isReady ? this.#digester : undefined;
  }

  holding(namespace: string, { kind, name }: ConfigRef): Holding {
    const reflector = this.#reflectors.get(kind);
    if (reflector === undefined) return 'not followed';
    const object = reflector.store.get(namespace, name);
    if (object === undefined) return 'lacking';
    const digest = textAt(object, 'digest');
    return digest === undefined ? 'not followed' : { digest };
  }

  /** When it was last seen to change; undefined where that is long ago. */
  changedAt(namespace: string, ref: string): number | undefined {
    return this.#changedAt.get(`${namespace}/${ref}`);
  }

  /** By what field manager it was written last; empty where nobody says so. */
  writer(namespace: string, ref: string): string {
    const [kind, name = ''] = ref.split('/');
    const reflector = this.#reflectors.get(kind === 'Secret' ? 'Secret' : 'ConfigMap');
    return textAt(reflector?.store.get(namespace, name), 'writer') ?? '';
  }

  /** Runs until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const digester = await this.#begun(signal);
    if (digester === undefined) return;
    this.#digester = digester;
    await Promise.all([...this.#reflectors.values()].map((reflector) => reflector.run(signal)));
  }

  /** Gets the key and learns which kinds it may follow: one that is refused is left out, and told of once. */
  async #begun(signal: AbortSignal): Promise<Digester | undefined> {
    const { clock, random, warn } = this.#options;
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const digester = await this.#options.digester();
        for (const each of kinds) await this.#begin(each, digester);
        return digester;
      } catch (error) {
        warn({ err: error }, 'changes of ConfigMaps are no releases yet');
        await clock.sleep(retryInMs(error, failures, random), signal);
      }
    }
    return undefined;
  }

  async #begin(each: (typeof kinds)[number], digester: Digester): Promise<void> {
    if (this.#reflectors.has(each.kind) || !(await this.#mayFollow(each.resource))) return;
    const reflector = this.#follow(each, digester);
    this.#reflectors.set(each.kind, reflector);
    this.#options.onFollow?.(each.resource, reflector);
  }

  async #mayFollow(resource: Resource): Promise<boolean> {
    try {
      await this.#options.kube.list(resource, { limit: 1 });
      return true;
    } catch (error) {
      if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
      this.#options.warn(
        { err: error },
        `changes of ${resource.plural} are no releases: Serin may not list them`,
      );
      return false;
    }
  }

  #follow({ kind, resource, selector }: (typeof kinds)[number], digester: Digester): Reflector {
    const { kube, clock, random, warn, onChange } = this.#options;
    return createReflector({
      ...{ kube, resource, clock, random, scope: { fieldSelector: selector } },
      project: (object) => keptConfig(object, digester),
      onFailure: (error) => warn({ err: error }, `does not follow ${resource.plural}`),
      onChange: (_key, object, previous) => {
        const { namespace = '', name = '' } = (object ?? previous)?.metadata ?? {};
        if (!isChange(object, previous)) return;
        const ref = refName({ kind, name });
        if (this.#isReady) this.#changed(`${namespace}/${ref}`, clock.now());
        onChange(namespace, ref);
      },
      onList: () => this.#listed(),
    });
  }

  #listed(): void {
    if (this.#isReady || ![...this.#reflectors.values()].every(({ synced }) => synced)) return;
    this.#isReady = true;
    this.#options.onReady();
  }

  #changed(key: string, now: number): void {
    for (const [each, at] of this.#changedAt) if (now - at > forgottenMs) this.#changedAt.delete(each);
    this.#changedAt.set(key, now);
  }
}

const forgottenMs = 60_000;

function isChange(object: KubeObject | undefined, previous: KubeObject | undefined): boolean {
  return (
    textAt(object, 'digest') !== textAt(previous, 'digest') ||
    (object === undefined) !== (previous === undefined)
  );
}
