// What the tests of the simulated API server share: one with a namespace, time that passes while somebody waits, and
// processes at the end of wires.
import { createKube } from '../../../src/kube/client.ts';
import type { Kube } from '../../../src/kube/kube.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { textAt } from '../../../src/routing/json.ts';
import { Dice } from '../dice.ts';
import { Life, SimTime } from '../time.ts';
import { kinds } from './kinds.ts';
import { createSimApi } from './server.ts';
import type { Answer, Call, Caller, SimApi, Wire } from './types.ts';
import { plainWire } from './wire.ts';

export const ann: Caller = { username: 'ann', manager: 'kubectl' };

/** A process with a client of its own. */
export interface Process {
  readonly life: Life;
  readonly wire: Wire;
  readonly kube: Kube;
}

export class Bench {
  readonly time = new SimTime();
  readonly dice: Dice;
  readonly api: SimApi;
  readonly kube: Omit<Kube, 'watch'>;

  constructor(seed = 1) {
    this.dice = new Dice(seed);
    this.api = createSimApi(this.time, this.dice);
    this.kube = this.api.kube(ann);
  }

  /** What the promise comes to, while time passes: an hour at most. */
  async passing<T>(promise: Promise<T>): Promise<T> {
    let isOver = false;
    const ended = promise.finally(() => {
      isOver = true;
    });
    ended.catch(() => undefined);
    if (!(await this.time.run(this.time.now + 3_600_000, () => isOver)))
      throw new Error('no answer in an hour');
    return ended;
  }

  /** Lets time pass. */
  async pass(ms: number): Promise<void> {
    await this.time.run(this.time.now + ms);
  }

  /** One call of ann's in the namespace shop. */
  call(call: Partial<Call> & Pick<Call, 'verb' | 'resource'>): Promise<Answer> {
    const namespace = call.resource.namespaced ? 'shop' : undefined;
    const blank: Omit<Call, 'verb' | 'resource'> = {
      caller: ann,
      namespace,
      name: undefined,
      subresource: undefined,
      query: {},
    };
    return this.passing(this.api.call({ ...blank, ...call }));
  }

  process(name = 'serin-1', wire: Wire = plainWire()): Process {
    const life = new Life(this.time, name);
    const transport = this.api.connect({ username: name, manager: 'serin' }, life, wire);
    return { life, wire, kube: createKube(transport, life.clock) };
  }
}

/** A bench with the namespace shop, which has these labels. */
export async function openBench(labels: Record<string, string> = {}, seed = 1): Promise<Bench> {
  const bench = new Bench(seed);
  await bench.kube.create(kinds.namespaces, undefined, { metadata: { name: 'shop', labels } });
  return bench;
}

/** A Deployment of one container. */
export function aDeployment(name: string, spec: JsonObject = {}, image = 'web:1'): JsonObject {
  const labels = { app: name };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      replicas: 2,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image }] } },
      ...spec,
    },
  };
}

export function aConfigMap(name: string, data: JsonObject = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data };
}

/** `409 Conflict: the message`, or `200`. */
export function said({ status, body }: Answer): string {
  return status < 300 ? String(status) : `${status} ${textAt(body, 'reason')}: ${textAt(body, 'message')}`;
}
