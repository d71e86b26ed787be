import type { Clock } from '../clock.ts';
import { SerinError } from '../errors.ts';
import type { Json } from '../rollout/types.ts';
import * as read from './answer.ts';
import { type Call, callOn, callOnAll, createCall, deleteCall, patchCall, requestOf } from './calls.ts';
import type { Kube, WatchEvent } from './kube.ts';
import { linesOf, untilSilent, textOf, within } from './stream.ts';
import type { Transport } from './transport.ts';

const limitMs = 10_000;
// kube-apiserver sends a bookmark each minute, so longer silence may be a stream that something on the way swallows. Or
// not: of a kind without an event since the server began, 1.36 sent the first after two minutes. A new stream is cheap.
const silenceMs = 90_000;

/** The API server behind `transport`; `clock` limits how long each call waits. */
export function createKube(transport: Transport, clock: Clock): Kube {
  const answerTo = (call: Call): Promise<read.Answer> => answered(transport, clock, call);
  const kube: Kube = {
    async get(resource, namespace, name) {
      const call = callOn('get', resource, namespace, name);
      const answer = await answerTo(call);
      return read.saysNotThere(answer) ? undefined : read.objectOf(call.doing, succeeded(call, answer));
    },
    async list(resource, scope) {
      const { limit, continue: page } = scope;
      const call = callOnAll('list', resource, scope, { limit, continue: page });
      const answer = await answerTo(call);
      return read.saysNotThere(answer)
        ? undefined
        : read.listOf(call.doing, resource, succeeded(call, answer));
    },
    async create(resource, namespace, object) {
      const call = createCall(resource, namespace, object);
      return read.objectOf(call.doing, succeeded(call, await answerTo(call)));
    },
    async patch(resource, namespace, name, patch, subresource) {
      const call = patchCall(callOn('patch', resource, namespace, name, subresource), patch);
      return read.objectOf(call.doing, succeeded(call, await answerTo(call)));
    },
    async delete(resource, namespace, name, uid) {
      const call = deleteCall(callOn('delete', resource, namespace, name), uid);
      const answer = await answerTo(call);
      if (read.saysNotThere(answer)) return;
      // A conflict may mean that another object has the name by now: then ours is gone.
      if (answer.status === 409 && (await kube.get(resource, namespace, name))?.metadata.uid !== uid) return;
      succeeded(call, answer);
    },
    watch(resource, scope, signal) {
      const { resourceVersion, timeoutSeconds } = scope;
      const query = { watch: true, allowWatchBookmarks: true, resourceVersion, timeoutSeconds };
      return events(transport, clock, callOnAll('watch', resource, scope, query), signal);
    },
    async ask(path, body) {
      const call: Call = { doing: `cannot ask ${path}`, method: 'POST', path, body };
      return succeeded(call, await answerTo(call)) as Json;
    },
  };
  return kube;
}

/** The answer to its end, whatever its status. */
async function answered(transport: Transport, clock: Clock, call: Call): Promise<read.Answer> {
  const stop = new AbortController();
  const exchange = async (): Promise<read.Answer> => {
    const { status, headers, body } = await transport.send(requestOf(call, stop.signal));
    return { status, headers, text: await textOf(body) };
  };
  try {
    return await within(clock, limitMs, exchange());
  } catch (cause) {
    stop.abort();
    throw unanswered(call, cause);
  }
}

/** The JSON of a good answer; the error that any other stands for is thrown. */
function succeeded(call: Call, answer: read.Answer): unknown {
  if (!isGood(answer.status)) throw read.failureOfAnswer(call.doing, answer);
  return read.jsonOf(call.doing, answer.text);
}

async function* events(
  transport: Transport,
  clock: Clock,
  call: Call,
  signal: AbortSignal,
): AsyncGenerator<WatchEvent> {
  const stop = new AbortController();
  const onAbort = (): void => stop.abort();
  signal.addEventListener('abort', onAbort);
  try {
    if (signal.aborted) return;
    const { status, headers, body } = await within(
      clock,
      limitMs,
      transport.send(requestOf(call, stop.signal)),
    );
    const bytes = untilSilent(clock, silenceMs, body);
    if (!isGood(status))
      throw read.failureOfAnswer(call.doing, { status, headers, text: await textOf(bytes) });
    for await (const line of linesOf(bytes)) yield read.eventOf(call.doing, line);
  } catch (cause) {
    if (!signal.aborted) throw unanswered(call, cause);
  } finally {
    signal.removeEventListener('abort', onAbort);
    // Also where the reader left in the middle: the connection must not outlive the loop.
    stop.abort();
  }
}

function isGood(status: number): boolean {
  return status >= 200 && status < 300;
}

/** The error for a call that got no answer; an error that is ours already stays what it is. */
function unanswered({ doing, method }: Call, cause: unknown): SerinError {
  if (cause instanceof SerinError) return cause;
  const unknown = method === 'GET' ? '' : '; whether it was done is not known';
  return new SerinError('KUBE_UNREACHABLE', `${doing}: ${reasonOf(cause)}${unknown}`, { cause });
}

/** Why, in words; Node gives a failure to connect to several addresses no message of its own. */
function reasonOf(cause: unknown): string {
  if (cause instanceof AggregateError) return cause.errors.map(reasonOf).join(', ');
  return cause instanceof Error ? cause.message : String(cause);
}
