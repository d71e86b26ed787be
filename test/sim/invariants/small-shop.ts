// One Deployment behind one Service and one VirtualService, and what is written in the course of its rollout, step by step.
import { decide } from '../../../src/admission/mutate.ts';
import { writeLedger } from '../../../src/config/state.ts';
import { type KubeObject, names, resources } from '../../../src/kube/objects.ts';
import { revisionOf } from '../../../src/kube/revision.ts';
import { ownerOf, twinDeployment } from '../../../src/rollout/twin.ts';
import type { Beside } from '../../../src/rollout/strategy.ts';
import type { JsonObject, Ledger, PatchOp, State, Verdict } from '../../../src/rollout/types.ts';
import { split, unsplit } from '../../../src/routing/istio.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { twinService } from '../../../src/routing/service.ts';
import { replicaSets, stateOf } from './reading.ts';
import {
  guard,
  owned,
  podsAll,
  patched,
  specOf,
  specWith,
  templateWith,
  ticked,
  withoutNulls,
} from './small-objects.ts';
import { manifest, serin, SmallWorld, type Who } from './small-world.ts';

export const namespace = 'shop';
const target = { service: { name: 'web', namespace, ports: [] }, twinService: 'web-canary' };
const namespaces = { group: '', version: 'v1', plural: 'namespaces', kind: 'Namespace', namespaced: false };

export const ann: Who = { person: 'ann' };
export const leader: Who = { serin: 'serin-a' };

export class SmallShop extends SmallWorld {
  by: Who = leader;
  readonly #pods = new Map<string, number>();

  /** To be called when the invariants watch: all that is there before the first change. */
  open(): void {
    this.put(
      ann,
      namespaces,
      manifest(namespaces, { name: namespace, labels: { 'serin.dev/mode': 'canary' } }),
    );
    this.put(
      ann,
      resources.services,
      manifest(
        resources.services,
        { name: 'web', namespace },
        { spec: { selector: { app: 'web' }, ports: [{ port: 80 }] } },
      ),
    );
    const route = [{ destination: { host: 'web', port: { number: 80 } } }];
    const http = [{ name: 'primary', route, timeout: '10s' }];
    this.put(
      ann,
      resources.virtualServices,
      manifest(
        resources.virtualServices,
        { name: 'shop', namespace },
        { spec: { hosts: ['shop.example.com'], http } },
      ),
    );
    this.put(
      ann,
      resources.deployments,
      manifest(resources.deployments, { name: 'web', namespace }, { spec: specOf('shop:1') }),
    );
    this.roll('shop:1', 4);
  }

  get main(): KubeObject {
    return this.#need(this.get(resources.deployments, namespace, 'web'));
  }

  get twin(): KubeObject {
    return this.#need(this.get(resources.deployments, namespace, 'web-canary'));
  }

  get route(): KubeObject {
    return this.#need(this.get(resources.virtualServices, namespace, 'shop'));
  }

  get state(): Extract<State, { needed: number }> {
    return stateOf(this.main) as Extract<State, { needed: number }>;
  }

  /** Kubernetes makes main's pods run `image`, `count` of them, and says so. */
  roll(image: string, count: number): void {
    const { spec } = specWith(this.main, image);
    this.#workload(this.main, objectAt(spec, 'template'), count, `web-${image.replace(':', '-')}`);
  }

  /** A person applies another image, and the webhook answers. */
  apply(image: string): void {
    const old = this.main;
    const object = { ...old, spec: { ...objectAt(old, 'spec'), template: templateWith(image) } };
    const verdict = decide(
      { operation: 'UPDATE', username: 'ann', namespace, dryRun: false, object, oldObject: old },
      { controller: serin },
    );
    if (verdict.kind === 'deny') throw new Error(verdict.message);
    this.put(ann, resources.deployments, patched(object, verdict.patch));
  }

  /** Serin writes the state, by the version it has read; `spec` is what it writes with it. */
  write(
    change: Partial<State> & { readonly [key: string]: unknown },
    spec: JsonObject = {},
    more: { readonly [key: string]: string | null } = {},
  ): void {
    const { main } = this;
    const state = JSON.stringify({ ...stateOf(main), ...change });
    const annotations = withoutNulls({ ...main.metadata.annotations, [names.state]: state, ...more });
    const next = {
      ...main,
      metadata: { ...main.metadata, annotations },
      spec: { ...objectAt(main, 'spec'), ...spec },
    };
    const body = { metadata: { resourceVersion: main.metadata.resourceVersion } };
    this.put(this.by, resources.deployments, next, { verb: 'patch', patchType: 'merge', body });
  }

  /** Serin makes the twin and its Service. */
  grow(replicas: number): void {
    const { main } = this;
    const service = this.#need(this.get(resources.services, namespace, 'web'));
    const made = twinService(service, 'web-canary', { app: 'web-canary' }, ownerOf(main.metadata));
    this.put(this.by, resources.services, made, { verb: 'patch', patchType: 'apply', body: made });
    const of = { name: 'web', namespace, uid: main.metadata.uid, spec: objectAt(main, 'spec') };
    const wish = {
      name: 'web-canary',
      replicas,
      settleMs: 0,
      revision: revisionOf(objectAt(of.spec, 'template')),
      labels: { app: 'web-canary' },
    };
    this.applyTwin(twinDeployment(of, wish));
  }

  /** By server-side apply. */
  applyTwin(wished: JsonObject): void {
    this.put(this.by, resources.deployments, wished, { verb: 'patch', patchType: 'apply', body: wished });
  }

  /** So many pods of the twin are ready. */
  ready(count: number): void {
    this.#workload(this.twin, objectAt(this.twin['spec'], 'template'), count, 'web-canary');
  }

  /** Serin gives the twin a weight. */
  weigh(weight: number, rolledBack?: string, beside?: Beside): void {
    const ops = split(this.route, target, weight, {
      ...(rolledBack === undefined ? {} : { rolledBack }),
      ...(beside === undefined ? {} : { beside }),
    });
    if (ops.length > 0) this.editRoute(patched(this.route, ops), ops);
  }

  unweigh(): void {
    this.editRoute(patched(this.route, unsplit(this.route, target)), unsplit(this.route, target));
  }

  editRoute(object: JsonObject, ops: readonly PatchOp[] = guard): void {
    this.put(this.by, resources.virtualServices, object, {
      verb: 'patch',
      patchType: 'json',
      body: [...ops],
    });
  }

  /** Serin writes evidence: a new weight in force, or one more tick. */
  note(verdict?: Verdict, change: Partial<Ledger> = {}): void {
    const { twin, main, state } = this;
    const text = main.metadata.annotations?.[names.analysis];
    const empty = {
      v: 1,
      revision: state.revision,
      startedAt: 'startedAt' in state ? (state.startedAt ?? 0) : 0,
      ticks: 0,
      passed: 0,
      failed: 0,
      silent: 0,
      weight: state.weight,
      weightAt: this.time.now,
    } as const;
    const noted = text === undefined ? empty : (JSON.parse(text) as Ledger);
    const isOfIt = noted.revision === empty.revision && noted.startedAt === empty.startedAt;
    const before = isOfIt ? noted : empty;
    const ledger: Ledger =
      verdict === undefined
        ? { ...before, weight: state.weight, weightAt: this.time.now, ...change }
        : { ...ticked(before, verdict, this.time.now), ...change };
    const evidence = writeLedger(ledger, twin.metadata.uid);
    const annotations = { ...main.metadata.annotations, [names.analysis]: evidence };
    const { uid, resourceVersion } = main.metadata;
    const body = { metadata: { uid, resourceVersion, annotations: { [names.analysis]: '' } } };
    this.put(
      this.by,
      resources.deployments,
      { ...main, metadata: { ...main.metadata, annotations } },
      { verb: 'patch', patchType: 'merge', body },
    );
  }

  removeTwin(): void {
    this.remove(this.by, resources.deployments, this.twin);
    const service = this.get(resources.services, namespace, 'web-canary');
    if (service !== undefined) this.remove(this.by, resources.services, service);
  }

  #workload(of: KubeObject, template: JsonObject, count: number, name: string): void {
    const set = this.get(replicaSets, namespace, name);
    const owner = owned('Deployment', of.metadata.uid, of.metadata.name);
    const made = this.put(
      'kubernetes',
      replicaSets,
      manifest(
        replicaSets,
        { name, namespace, ...owner, ...(set === undefined ? {} : { uid: set.metadata.uid }) },
        { spec: { replicas: count, template } },
      ),
    );
    for (let n = count; n < (this.#pods.get(name) ?? 0); n += 1) {
      const pod = this.get(resources.pods, namespace, `${name}-${n}`);
      if (pod !== undefined) this.remove('kubernetes', resources.pods, pod);
    }
    for (let n = this.#pods.get(name) ?? 0; n < count; n += 1) {
      const status = { conditions: [{ type: 'Ready', status: 'True' }] };
      this.put(
        'kubernetes',
        resources.pods,
        manifest(
          resources.pods,
          { name: `${name}-${n}`, namespace, ...owned('ReplicaSet', made.metadata.uid, name) },
          { status },
        ),
      );
    }
    this.#pods.set(name, count);
    const now = this.#need(this.get(resources.deployments, namespace, of.metadata.name));
    const status = podsAll(count);
    this.put('kubernetes', resources.deployments, { ...now, status }, { subresource: 'status' });
  }

  #need(object: KubeObject | undefined): KubeObject {
    if (object === undefined) throw new Error('it is not there');
    return object;
  }
}
