// The wire between a process of Serin and the API server: latency, loss, lag, and the life of the process itself.
import type { Request, Response, Transport } from '../../../src/kube/transport.ts';
import type { Life, SimTime } from '../time.ts';
import { aborted } from './abort.ts';
import { textOf } from './frozen.ts';
import { listText } from './reads.ts';
import { failure, notServed } from './refusal.ts';
import { WireStream } from './stream.ts';
import type { Answer, Call, Fault, SimApi, Wire } from './types.ts';
import type { Watches } from './watch.ts';

/** A segment that is lost is sent again; how often is TCP's matter, not ours. */
const againMs = 1_000;

/** What is at the other end. */
export interface Server {
  readonly time: SimTime;
  readonly watches: Watches;
  /** The call of a request; undefined where its path is not served. */
  understand(request: Request): Call | undefined;
  call(call: Call): Promise<Answer>;
  isServed(call: Call): boolean;
  outage(): SimApi['outage'];
}

/** A wire that nothing is wrong with; every part of it can be changed. */
export function plainWire(latency: () => number = () => 2, lag: () => number = () => 5): Wire {
  return { latency, lag, fault: () => undefined, breakWatches: () => {}, isCut: false };
}

/** One exchange on its way. */
class Exchange {
  readonly #line: Line;
  readonly #request: Request;
  readonly #call: Call | undefined;
  readonly #resolve: (response: Response) => void;
  #isOver = false;

  constructor(
    line: Line,
    request: Request,
    resolve: (response: Response) => void,
    reject: (error: Error) => void,
  ) {
    this.#line = line;
    this.#request = request;
    this.#resolve = resolve;
    const { signal } = request;
    const onAbort = (): void => {
      if (!this.#isOver) line.life.resume(() => reject(aborted()));
      this.#isOver = true;
    };
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    this.#call = line.server.understand(request);
    if (!this.#isOver) this.#leave(this.#call === undefined ? undefined : line.wire.fault(this.#call));
  }

  #leave(fault: Fault | undefined): void {
    const { wire, life } = this.#line;
    switch (fault?.do) {
      case 'hang':
        return;
      case 'crash':
        if (fault.when === 'before') return life.kill();
        return this.#travel(wire.latency(), () => this.#arrive(() => life.kill()));
      case 'lost':
        return this.#travel(wire.latency(), () => this.#arrive(() => {}));
      case 'delay':
        return this.#travel(wire.latency() + fault.ms, () => this.#arrive());
      case 'refuse':
        return this.#travel(wire.latency(), () =>
          this.#answer(refusalOf(fault.status, fault.reason, fault.retryAfterSeconds)),
        );
      case undefined:
        return this.#travel(wire.latency(), () => this.#arrive());
    }
  }

  /** What is on its way when a wire is cut comes through when it is mended, unless nobody waits for it any more. */
  #travel(ms: number, then: () => void): void {
    const { wire, server } = this.#line;
    server.time.after(ms, () => {
      if (wire.isCut) this.#hold(then);
      else then();
    });
  }

  #hold(then: () => void): void {
    const { wire, life, server } = this.#line;
    server.time.after(againMs, () => {
      if (life.isDead || this.#isOver) return;
      if (wire.isCut) this.#hold(then);
      else then();
    });
  }

  /** The request is at the server, which serves it even if whoever sent it has gone meanwhile. */
  #arrive(instead?: () => void): void {
    const { server } = this.#line;
    const call = this.#call;
    const outage = server.outage();
    if (outage !== undefined)
      return this.#answer(refusalOf(outage.status, 'ServiceUnavailable', outage.retryAfterSeconds));
    if (call === undefined) return this.#answer(notServed);
    if (call.verb === 'watch' && server.isServed(call)) return this.#watch(call);
    void server.call(call).then(instead ?? ((answer) => this.#answer(answer)));
  }

  #answer(answer: Answer): void {
    const { server, wire } = this.#line;
    const response = responseOf(answer, this.#call, server.time.now);
    this.#travel(wire.latency(), () => this.#end(response));
  }

  #watch(call: Call): void {
    const { server, wire } = this.#line;
    if (this.#isOver) return;
    const stream = new WireStream(this.#line, this.#request.signal);
    this.#line.streams.add(stream);
    const close = server.watches.open(call, stream);
    stream.onClose(() => {
      close();
      this.#line.streams.delete(stream);
    });
    const headers = { date: httpDate(server.time.now), 'content-type': 'application/json' };
    this.#travel(wire.latency(), () => this.#end({ status: 200, headers, body: stream }));
  }

  #end(response: Response): void {
    this.#line.life.resume(() => {
      if (!this.#isOver) this.#resolve(response);
      this.#isOver = true;
    });
  }
}

/** A wire in use. */
export interface Line {
  readonly server: Server;
  readonly life: Life;
  readonly wire: Wire;
  readonly streams: Set<WireStream>;
}

/** The transport of one process. */
export function connected(server: Server, life: Life, wire: Wire): Transport {
  const line: Line = { server, life, wire, streams: new Set() };
  const others = wire.breakWatches.bind(wire);
  wire.breakWatches = (how) => {
    others(how);
    for (const stream of [...line.streams]) stream.break(how);
  };
  life.onDeath(() => {
    for (const stream of [...line.streams]) stream.break('stall');
  });
  return {
    send: (request) => new Promise((resolve, reject) => void new Exchange(line, request, resolve, reject)),
  };
}

function refusalOf(status: number, reason: string, retryAfterSeconds: number | undefined): Answer {
  const message =
    status === 429
      ? 'Too many requests, please try again later.'
      : status === 409
        ? 'Operation cannot be fulfilled: the object has been modified; please apply your changes to the latest version and try again'
        : 'the server is currently unable to handle the request';
  const answer = failure(status, reason, message);
  return retryAfterSeconds === undefined ? answer : { ...answer, retryAfterSeconds };
}

function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

function responseOf(answer: Answer, call: Call | undefined, at: number): Response {
  const { status, warnings, retryAfterSeconds } = answer;
  const isList = call?.verb === 'list' && status === 200;
  const text =
    answer === notServed
      ? '404 page not found\n'
      : isList
        ? listText(call.resource, answer.body)
        : textOf(answer.body);
  return {
    status,
    headers: {
      date: httpDate(at),
      'content-type': answer === notServed ? 'text/plain; charset=utf-8' : 'application/json',
      ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
      ...(warnings.length === 0 ? {} : { warning: warnings.map((each) => `299 - ${JSON.stringify(each)}`) }),
    },
    body: once(Buffer.from(text)),
  };
}

// oxlint-disable-next-line typescript/require-await
async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
