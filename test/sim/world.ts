// A cluster with Serin in it and a shop on it, all of it simulated but Serin.
import type { KubeObject } from '../../src/kube/objects.ts';
import { verbs } from '../../src/rollout/command.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { numberAt } from '../../src/routing/json.ts';
import type { Stored } from '../../src/tls/assess.ts';
import { kinds } from './api/kinds.ts';
import { createSimApi } from './api/server.ts';
import type { SimApi } from './api/types.ts';
import { plainWire } from './api/wire.ts';
import { person } from './asking.ts';
import { behaviourOf } from './behaviours.ts';
import { agedCertificates, caBundleOf, freshCertificates } from './certificates.ts';
import { Dice } from './dice.ts';
import type { History, PlanText, Shop, Slot } from './history.ts';
import { type SimKubernetes, startKubernetes } from './kubernetes/kubernetes.ts';
import * as around from './manifests-around.ts';
import * as manifests from './manifests.ts';
import { SimGates } from './gates.ts';
import { startMesh } from './mesh/mesh.ts';
import type { Behaviour, SimMesh } from './mesh/types.ts';
import { serinUser, type Site } from './serin.ts';
import { admin, create, secretOf, trusting } from './setup.ts';
import { type Intercept, Place } from './slots.ts';
import { SimTime } from './time.ts';
import type { Ask, SerinProcess, Trouble, World } from './types.ts';

export interface WorldOptions {
  /** Asked about each call of a process of Serin before chance is. */
  readonly intercept?: Intercept;
  /** Called when there is a world and nothing has happened in it. */
  readonly onOpen?: (world: SimWorld) => void;
  /** Told of each line that a process of Serin logs. */
  readonly onLog?: (world: SimWorld, process: string, line: string) => void;
  /** Told of what no process should do: end by itself. */
  readonly onUnexpected?: (what: string) => void;
}

/** Plans here have intervals of seconds where real ones have minutes, and so has Prometheus. */
const scrapeMs = 1_000;
/** Longer than any start of what is there; who takes longer does not start at all. */
const longestStartMs = 120_000;

/** The world of a history, with the shop up and nothing begun. */
export async function openWorld(
  history: Pick<History, 'seed' | 'shop'>,
  options: WorldOptions = {},
): Promise<SimWorld> {
  const dice = new Dice(history.seed);
  const certificates = await freshCertificates(dice.fork('certificates'));
  const world = new SimWorld(history.shop, dice, options);
  options.onOpen?.(world);
  await world.install(certificates);
  await world.openShop();
  return world;
}

export class SimWorld implements World {
  readonly time = new SimTime();
  readonly shop: Shop;
  readonly api: SimApi;
  readonly kubernetes: SimKubernetes;
  readonly mesh: SimMesh;
  readonly gates: SimGates;
  readonly serin = serinUser;
  readonly settleMs: number;
  readonly processes: SerinProcess[] = [];
  readonly asks: Ask[] = [];
  readonly troubles: Trouble[] = [];
  /** What the owner's repository says. */
  readonly git: { image: string; plan: PlanText | 'disabled' | undefined };
  /** Troubles of one kind that last now, by kind. */
  readonly lasting = new Map<string, readonly unknown[]>();
  readonly usualPropagation: SimMesh['propagation'];
  slowPodsByMs = 0;
  /** Called with every ask and trouble, for the trace. */
  onSaid: (who: string, what: string) => void = () => {};
  readonly #places = new Map<Slot, Place>();
  readonly #dice: Dice;
  readonly #options: WorldOptions;

  constructor(shop: Shop, dice: Dice, options: WorldOptions) {
    this.shop = shop;
    this.settleMs = shop.settleMs;
    this.#dice = dice;
    this.#options = options;
    this.git = { image: manifests.firstImage, plan: shop.planIn === 'annotation' ? shop.plan : undefined };
    this.usualPropagation = { leastMs: 10, mostMs: Math.min(800, shop.settleMs - 200) };
    this.api = createSimApi(this.time, dice.fork('api'));
    const behaviour = (image: string): Behaviour => this.behaviourOf(image);
    // Whoever releases here may also say how a rollout goes on.
    this.api.permits = ({ username, verb }) =>
      username === person.username && verbs.some((each) => each === verb);
    const parts = { time: this.time, api: this.api, behaviourOf: behaviour };
    this.mesh = startMesh({ ...parts, dice: dice.fork('mesh'), scrapeMs });
    this.gates = new SimGates(this.time, dice.fork('gates'));
    this.kubernetes = startKubernetes({ ...parts, dice: dice.fork('kubernetes') });
    this.kubernetes.rateOf = (workload) => this.mesh.rateOf(workload);
    this.mesh.propagation = this.usualPropagation;
  }

  behaviourOf(image: string): Behaviour {
    const behaviour = behaviourOf(image, this.shop.readyMs);
    return this.slowPodsByMs === 0
      ? behaviour
      : { ...behaviour, readyMs: behaviour.readyMs + this.slowPodsByMs };
  }

  place(slot: Slot): Place {
    const place = this.#places.get(slot);
    if (place === undefined) throw new Error(`there is no ${slot} here`);
    return place;
  }

  tookDown(ask: Ask): void {
    this.asks.push(ask);
    this.onSaid(ask.by, `${ask.what} -> ${ask.status}${ask.message === '' ? '' : ` ${ask.message}`}`);
  }

  troubled(trouble: Trouble): void {
    this.troubles.push(trouble);
    this.onSaid('TROUBLE', trouble.what);
  }

  /** Installs Serin: its manifests, its certificates, its processes. */
  async install(certificates: Stored): Promise<void> {
    await create(this.api, manifests.namespaceManifest('serin-system', false));
    await create(this.api, secretOf(certificates));
    for (const manifest of manifests.serinManifests(this.shop.policies)) {
      if (manifest['kind'] !== 'Namespace')
        await create(this.api, trusting(manifest, caBundleOf(certificates)));
    }
    const site = this.#site();
    const slots: Slot[] = [
      ...Array.from({ length: this.shop.webhooks }, (_, index): Slot => `webhook-${index}`),
      ...Array.from({ length: this.shop.controllers }, (_, index): Slot => `controller-${index}`),
    ];
    for (const slot of slots) {
      this.#places.set(
        slot,
        new Place(site, slot, this.#options.intercept, (process) => this.processes.push(process)),
      );
    }
    await this.time.run(this.time.now + 2_000);
  }

  /** Creates the shop as its owner has it, and waits until it serves. */
  async openShop(): Promise<void> {
    const { shop } = this;
    await this.#create(manifests.namespaceManifest(manifests.namespace, true));
    await this.#create(manifests.namespaceManifest(manifests.nextDoor, false));
    await this.#create(manifests.nextDoorManifest(shop));
    if (shop.planIn === 'config-map') await this.#create(manifests.configMapManifest(shop.plan));
    for (const manifest of around.surroundings(shop)) await this.#create(manifest);
    await this.#create(manifests.deploymentManifest(shop, this.git.image, this.git.plan));
    for (const name of around.peersOf(shop))
      for (const manifest of around.peerManifests(shop, name, this.git.image, this.git.plan))
        await this.#create(manifest);
    const isUp = await this.time.run(this.time.now + longestStartMs, () => this.#isShopUp());
    if (!isUp) throw new Error('the shop does not come up');
    if (shop.scaler) await this.#create(around.scalerManifest(shop));
    this.sendTraffic(shop.load);
    if (shop.streams.count > 0) this.mesh.streams(manifests.host, shop.streams.count, shop.streams.seconds);
    await this.time.run(this.time.now + 3_000);
  }

  /** So many requests per second from now on, in the kinds of this shop. */
  sendTraffic(perSecond: number): void {
    const { special = 0, secondService = false } = this.shop;
    const shares: readonly (readonly [string, number])[] = [
      [manifests.host, 1 - special - (secondService ? 0.3 : 0)],
      [`${manifests.host}#x-beta=yes`, special / 2],
      [`${manifests.host}#returning=yes`, special / 2],
      [around.secondHost, secondService ? 0.3 : 0],
      ...around.peersOf(this.shop).map((name) => [around.hostOf(name), 0.5] as const),
    ];
    for (const [host, share] of shares) this.mesh.load(host, perSecond * share);
  }

  podsOf(deployment: string): readonly KubeObject[] {
    const prefix = new RegExp(`^${deployment}-[a-z0-9]+-[a-z0-9]+$`);
    return this.#pods.filter(({ metadata }) => prefix.test(metadata.name));
  }

  /** The name of a node by its number, whatever that is. */
  node(number: number): string {
    const { nodes } = this.kubernetes;
    return nodes[number % nodes.length] ?? '';
  }

  async rollCertificates(how: 'delete' | 'expire'): Promise<void> {
    const place = { resource: kinds.secrets, namespace: 'serin-system', name: 'serin-certs' };
    const call = { ...place, caller: admin, subresource: undefined, query: {} };
    if (how === 'delete') {
      await this.api.call({ ...call, verb: 'delete' });
      return;
    }
    const { data } = secretOf(await this.time.hold(agedCertificates(this.#dice)));
    await this.api.call({ ...call, verb: 'patch', patchType: 'merge', body: { data } });
  }

  get #pods(): readonly KubeObject[] {
    return this.api
      .list(kinds.pods, manifests.namespace)
      .filter(({ metadata }) => metadata['deletionTimestamp'] === undefined);
  }

  /** Creates an object while time passes: where a webhook is asked it takes some. */
  async #create(manifest: JsonObject): Promise<void> {
    let isDone = false;
    const creating = create(this.api, manifest).finally(() => {
      isDone = true;
    });
    await this.time.run(this.time.now + longestStartMs, () => isDone);
    await creating;
  }

  #isShopUp(): boolean {
    const deployment = this.api.get(kinds.deployments, manifests.namespace, manifests.deploymentName);
    return numberAt(deployment?.['status'], 'availableReplicas') === this.shop.replicas;
  }

  #site(): Site {
    const { onLog, onUnexpected } = this.#options;
    return {
      time: this.time,
      dice: this.#dice.fork('serin'),
      api: this.api,
      mesh: this.mesh,
      gates: this.gates,
      settleMs: this.settleMs,
      createWire: plainWire,
      onLog: onLog === undefined ? undefined : (process, line) => onLog(this, process, line),
      onEnd: (process, error) =>
        onUnexpected?.(`${process} ended: ${error instanceof Error ? error.stack : String(error)}`),
    };
  }
}
