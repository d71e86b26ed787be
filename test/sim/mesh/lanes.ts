// What one proxy sends of one host's requests to one pod of one Service, and what becomes of it.
import type { Counter } from './counters.ts';
import { Flow } from './flow.ts';
import type { MeshPod } from './pods.ts';
import type { Proxy } from './proxy.ts';
import { addressOf } from './requests.ts';
import type { Heap, Tally } from './tally.ts';
import type { Behaviour } from './types.ts';

/** Where outcomes of one kind are counted: for the clients, and in the proxy. */
export interface End {
  /** Nothing where nobody sees what becomes of it: of copies. */
  readonly heap: Heap | undefined;
  /** Made when it is needed: a series that counts nothing is not there. */
  readonly counter: () => Counter;
}

export interface Lane {
  readonly pod: MeshPod;
  readonly behaviour: Behaviour;
  readonly flow: Flow;
  /** `namespace/name` of the pod's Deployment. */
  readonly workload: string;
  readonly ok: End;
  readonly app: End;
  readonly cut: End;
}

/** Requests of one proxy for `host`, through the Service it chose for them. */
export interface Asked {
  readonly proxy: Proxy;
  readonly host: string;
  readonly service: string;
  /** True for copies: a proxy that copies counts nothing, only that of the pod does. */
  readonly isCopy: boolean;
}

/** The lane of such requests to a pod. */
export function laneOf(tally: Tally, asked: Asked, pod: MeshPod, behaviour: Behaviour): Lane {
  const { proxy, host, service, isCopy } = asked;
  const { namespace, workload: name } = pod;
  const workload = `${namespace}/${name}`;
  const reporter = isCopy ? 'destination' : 'source';
  const to = { workload: name, namespace, service, reporter } as const;
  const address = addressOf(host);
  const end = (result: 'ok' | 'app' | 'cut', status: number, flags: string): End => {
    let counter: Counter | undefined;
    return {
      heap: isCopy ? undefined : tally.heap({ host: address, workload, result, status }),
      counter: () => {
        counter ??= proxy.counter(to, status, flags);
        return counter;
      },
    };
  };
  return {
    pod,
    behaviour,
    flow: new Flow(behaviour.durationMs),
    workload,
    ok: end('ok', 200, '-'),
    app: end('app', 500, '-'),
    cut: end('cut', 503, 'UC'),
  };
}
