// The simulator as the observations see it: a world of its own for each, in which time passes while somebody waits.
import { text } from 'node:stream/consumers';
import { type KubeObject, type Resource, resources } from '../../src/kube/objects.ts';
import type { Response } from '../../src/kube/transport.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { issueAuthority, issueLeaf } from '../../src/tls/issue.ts';
import { kinds } from '../sim/api/kinds.ts';
import { createSimApi } from '../sim/api/server.ts';
import type { Admission, Call, SimApi } from '../sim/api/types.ts';
import { plainWire } from '../sim/api/wire.ts';
import { entropyOf } from '../sim/certificates.ts';
import { Dice } from '../sim/dice.ts';
import { rolloutStatus, rolloutUndo } from '../sim/kubernetes/kubectl.ts';
import { startKubernetes } from '../sim/kubernetes/kubernetes.ts';
import type { Deployment, ReplicaSet } from '../sim/kubernetes/objects.ts';
import type { Behaviour } from '../sim/mesh/types.ts';
import { Life, SimTime } from '../sim/time.ts';
import { clusterOn } from './basics.ts';
import type { Cluster, Line, Printed, Said } from './cluster.ts';

const stepMs = 20;
const patienceMs = 120_000;
/** Longer than any controller takes to notice. */
const quietMs = 3_000;

/** How the versions of the shop behave in the rig. */
export function behaviourOf(image: string): Behaviour {
  const tag = image.slice(image.indexOf(':') + 1);
  const start = tag === 'crash' || tag === 'missing' || tag === 'never' ? tag : 'ok';
  return { errors: 0, durationMs: 3, start, readyMs: tag === 'late' ? 3_000 : 500 };
}

/** A simulated cluster with one namespace. */
export async function simulatedCluster(namespace: string, seed = 1): Promise<Cluster> {
  const world = new SimulatedWorld(namespace, seed);
  await world.open();
  return world.cluster();
}

/** What a simulated cluster is made of. */
export class SimulatedWorld {
  readonly #namespace: string;
  readonly time = new SimTime();
  readonly dice: Dice;
  readonly api: SimApi;
  #lastWrite = 0;

  constructor(namespace: string, seed: number) {
    this.#namespace = namespace;
    this.dice = new Dice(seed);
    this.api = createSimApi(this.time, this.dice.fork('api'));
    startKubernetes({ time: this.time, dice: this.dice.fork('kubernetes'), api: this.api, behaviourOf });
    this.api.onWrite(({ object, at }) => {
      if (object.metadata.namespace === namespace) this.#lastWrite = at;
    });
  }

  /** Makes its namespace. */
  async open(): Promise<void> {
    const name = this.#namespace;
    const metadata = { name, labels: { 'kubernetes.io/metadata.name': name } };
    await this.#ask({ verb: 'create', resource: kinds.namespaces, namespace: undefined, body: { metadata } });
  }

  #ask(call: Partial<Call> & Pick<Call, 'verb' | 'resource'>, as = 'admin') {
    const blank = { name: undefined, namespace: this.#namespace, subresource: undefined, query: {} };
    const caller = { username: as, manager: 'contract' };
    return this.passing(this.api.call({ ...blank, ...call, caller }));
  }

  /** What a promise comes to, while time passes. */
  async passing<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const ended = promise.finally(() => {
      isOver = true;
    });
    ended.catch(() => undefined);
    await this.time.run(this.time.now + patienceMs, () => isOver);
    if (!isOver) throw new Error('no answer in two minutes');
    return ended;
  }

  /** The world as observations see it. */
  cluster(): Cluster {
    return clusterOn({
      namespace: this.#namespace,
      ask: async ({ as, resource, namespace, ...rest }) => {
        const inNamespace = resource.namespaced ? (namespace ?? this.#namespace) : undefined;
        if (rest.verb === 'list') return this.#list(resource, inNamespace, rest.query);
        const { status, body, warnings } = await this.#ask({ ...rest, resource, namespace: inNamespace }, as);
        return { status, body, warnings };
      },
      watch: (resource, query, isEnough) => this.#watch(resource, query, isEnough),
      follow: async (resource) => this.#follow(resource),
      until: (what, probe) => this.#until(what, probe),
      quiet: () => this.#quiet(),
      pass: async (ms) => void (await this.time.run(this.time.now + ms)),
      rolloutStatus: async (name) => this.#rolloutStatus(name),
      rolloutUndo: (name) => this.#rolloutUndo(name),
      serveWebhook: (answer) => this.#serve(answer),
    });
  }

  async #until<T>(what: string, probe: () => Promise<T>): Promise<Exclude<T, undefined | false>> {
    const deadline = this.time.now + patienceMs;
    while (this.time.now < deadline) {
      const answer = await probe();
      if (answer !== undefined && answer !== false) return answer as Exclude<T, undefined | false>;
      await this.time.run(this.time.now + stepMs);
    }
    throw new Error(`waited for ${what}`);
  }

  async #quiet(): Promise<void> {
    this.#lastWrite = this.time.now;
    while (this.time.now < this.#lastWrite + quietMs) await this.time.run(this.#lastWrite + quietMs);
  }

  #follow(resource: Resource): () => readonly KubeObject[] {
    const seen: KubeObject[] = [];
    this.api.onWrite((write) => {
      const { object } = write;
      if (write.resource.plural === resource.plural && object.metadata.namespace === this.#namespace) {
        seen.push(object);
      }
    });
    return () => seen;
  }

  /** As a client gets it: over a wire. */
  #get(
    resource: Resource,
    namespace: string | undefined,
    query: Readonly<Record<string, string>>,
    signal: AbortSignal,
  ): Promise<Response> {
    const caller = { username: 'admin', manager: 'contract' };
    const transport = this.api.connect(caller, new Life(this.time, 'observer'), plainWire());
    const root = resource.group === '' ? '/api/v1' : `/apis/${resource.group}/${resource.version}`;
    const within = namespace === undefined ? '' : `/namespaces/${namespace}`;
    const path = `${root}${within}/${resource.plural}?${new URLSearchParams(query).toString()}`;
    return transport.send({ method: 'GET', path, headers: {}, signal });
  }

  #list(resource: Resource, namespace: string | undefined, query = {}): Promise<Said> {
    const read = async (): Promise<Said> => {
      const { status, body } = await this.#get(resource, namespace, query, new AbortController().signal);
      return { status, body: JSON.parse(await text(body)) as JsonObject, warnings: [] };
    };
    return this.passing(read());
  }

  async #watch(
    resource: Resource,
    query: Readonly<Record<string, string>>,
    isEnough: (lines: readonly Line[]) => boolean,
  ): Promise<readonly Line[]> {
    const abort = new AbortController();
    const read = async (): Promise<readonly Line[]> => {
      const asked = { watch: 'true', ...query };
      const { status, body } = await this.#get(resource, this.#namespace, asked, abort.signal);
      if (status >= 300) return [{ type: 'ERROR', object: JSON.parse(await text(body)) as JsonObject }];
      const lines: Line[] = [];
      for await (const bytes of body) {
        const texts = Buffer.from(bytes).toString().split('\n').filter(Boolean);
        lines.push(...texts.map((each) => JSON.parse(each) as Line));
        if (isEnough(lines)) break;
      }
      abort.abort();
      return lines;
    };
    return this.passing(read());
  }

  #deployment(name: string): Deployment {
    return this.api.get(resources.deployments, this.#namespace, name) as Deployment;
  }

  #rolloutStatus(name: string): Printed {
    const { failed, text: said } = rolloutStatus(this.#deployment(name));
    return failed
      ? { code: 1, stdout: '', stderr: `${said}\n` }
      : { code: 0, stdout: `${said}\n`, stderr: '' };
  }

  async #rolloutUndo(name: string): Promise<Printed> {
    const sets = this.api.list(kinds.replicaSets, this.#namespace) as readonly ReplicaSet[];
    const undo = rolloutUndo(this.#deployment(name), sets);
    if ('error' in undo) return { code: 1, stdout: '', stderr: `${undo.error}\n` };
    const patch = { verb: 'patch', patchType: 'json', name, resource: resources.deployments } as const;
    if (undo.ops.length > 0) await this.#ask({ ...patch, body: undo.ops });
    return { code: 0, stdout: `${undo.text}\n`, stderr: '' };
  }

  async #serve(
    answer: Admission,
  ): Promise<{ service: { namespace: string; name: string }; caBundle: string }> {
    const entropy = entropyOf(this.dice);
    const authority = await issueAuthority(this.time.now, entropy);
    const names = [`hook.${this.#namespace}.svc`];
    const { cert } = await issueLeaf(authority, names, this.time.now, entropy);
    this.api.serve(`${this.#namespace}/hook`, { certificate: () => cert, answer });
    const caBundle = Buffer.from(authority.cert).toString('base64');
    return { service: { namespace: this.#namespace, name: 'hook' }, caBundle };
  }
}
