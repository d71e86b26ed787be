// A run as people read it: one line for each thing that happened, when, who did it and what it was.
import { createHash } from 'node:crypto';
import type { KubeObject } from '../../src/kube/objects.ts';
import { listAt, numberAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { Answer, Call, SimApi, Write } from './api/types.ts';
import { changesBetween } from './diff.ts';
import { nextDoor } from './manifests.ts';
import type { SimTime } from './time.ts';

export class Trace {
  readonly #lines: string[] = [];
  readonly #time: SimTime;
  #startMs: number;

  constructor(time: SimTime) {
    this.#time = time;
    this.#startMs = time.now;
  }

  /** Counts time from now on; what was before is negative. */
  begin(): void {
    this.#startMs = this.#time.now;
    this.say('world', 'the shop is up');
  }

  say(who: string, what: string): void {
    const seconds = ((this.#time.now - this.#startMs) / 1_000).toFixed(3);
    this.#lines.push(`${seconds.padStart(9)}s  ${who.padEnd(22)} ${what}`);
  }

  /** A line of a process's log, without what is of the machine it runs on. */
  log(process: string, line: string): void {
    const { level, msg, time: _time, err, ...rest } = JSON.parse(line) as Record<string, unknown>;
    if (msg === 'reviewed') return;
    const error =
      typeof err === 'object' && err !== null && 'message' in err ? ` (${String(err.message)})` : '';
    const details = Object.keys(rest).length === 0 ? '' : ` ${JSON.stringify(rest)}`;
    this.say(
      process,
      `${String(level) === 'info' ? '' : `${String(level)}: `}${String(msg)}${error}${details}`,
    );
  }

  get text(): string {
    return `${this.#lines.join('\n')}\n`;
  }

  /** Tells one trace from another. */
  get hash(): string {
    return createHash('sha256').update(this.text).digest('hex').slice(0, 16);
  }
}

/** Writes down what happens at the API server. */
export function follow(trace: Trace, api: SimApi, serin: string): void {
  api.onWrite((write) => {
    const said = saidOfWrite(write);
    if (said !== undefined) trace.say(whoOf(write.call), said);
  });
  api.onCall((call, answer) => {
    if (answer.status >= 400 && isTelling(call, answer, serin))
      trace.say(whoOf(call), saidOfRefusal(call, answer));
  });
}

function isTelling({ caller, resource, verb }: Call, { status }: Answer, serin: string): boolean {
  if (caller.username !== serin) return false;
  return !(status === 404 && verb === 'get') && resource.kind !== 'Lease';
}

function whoOf({ caller }: Call): string {
  return caller.manager;
}

function saidOfRefusal({ verb, resource, name, patchType }: Call, { status, body }: Answer): string {
  const what = `${verb}${patchType === undefined ? '' : ` (${patchType})`} ${resource.kind} ${name ?? ''}`;
  return `${what} -> ${status} ${textAt(body, 'message') ?? ''}`;
}

/** Kinds whose every write would hide the rest. */
const silent = new Set(['Secret', 'ReplicaSet', 'Node']);

function saidOfWrite({ type, resource, object, previous }: Write): string | undefined {
  const { kind } = resource;
  const name = nameOf(object);
  if (silent.has(kind)) return undefined;
  if (kind === 'Event') return `event ${textAt(object, 'reason') ?? ''}: ${textAt(object, 'message') ?? ''}`;
  if (kind === 'Lease') return saidOfLease(object, previous);
  if (kind === 'Pod') return saidOfPod(type, object, previous);
  if (kind === 'EndpointSlice') return saidOfEndpoints(object, previous);
  if (type === 'ADDED') return `creates ${kind} ${name}${imageOf(object)}`;
  if (type === 'DELETED') return `${kind} ${name} is gone`;
  const changes = [
    ...changesBetween({ ...previous, status: null }, { ...object, status: null }),
    ...statusChanges(previous, object),
  ];
  return changes.length === 0 ? undefined : `${kind} ${name}: ${changes.join('; ')}`;
}

/** Counts of pods and conditions: the few words of a status that tell something. */
function statusChanges(previous: KubeObject | undefined, object: KubeObject): readonly string[] {
  const [before, now] = [statusWords(previous), statusWords(object)];
  const changed = Object.entries(now).filter(([key, value]) => before[key] !== value);
  return changed.map(([key, value]) => `${key} ${value}`);
}

function statusWords(object: KubeObject | undefined): Readonly<Record<string, string>> {
  const status = objectAt(object, 'status');
  const words: Record<string, string> = {};
  for (const key of [
    'replicas',
    'updatedReplicas',
    'readyReplicas',
    'availableReplicas',
    'observedGeneration',
  ])
    words[key] = String(numberAt(status, key) ?? 0);
  for (const each of listAt(status, 'conditions')) {
    const reason = textAt(each, 'reason') ?? '';
    const message = reason === 'ProgressDeadlineExceeded' ? ` (${textAt(each, 'message') ?? ''})` : '';
    words[textAt(each, 'type') ?? ''] = `${textAt(each, 'status') ?? ''}/${reason}${message}`;
  }
  return words;
}

/** Of what is not the shop's, where it is. */
function nameOf({ metadata: { namespace, name } }: KubeObject): string {
  return namespace === nextDoor ? `${namespace}/${name}` : name;
}

function saidOfLease(object: KubeObject, previous: KubeObject | undefined): string | undefined {
  const [now, before] = [object, previous].map(
    (each) => textAt(objectAt(each, 'spec'), 'holderIdentity') ?? 'nobody',
  );
  return now === before ? undefined : `the lease goes from ${before} to ${now}`;
}

function saidOfEndpoints(object: KubeObject, previous: KubeObject | undefined): string | undefined {
  const [now, before] = [object, previous].map((each) => readyIn(each));
  return now === before ? undefined : `${object.metadata.name} has ${now} ready endpoints`;
}

function readyIn(slice: KubeObject | undefined): number {
  const ready = listAt(slice, 'endpoints').filter((each) => objectAt(each, 'conditions')['ready'] === true);
  return ready.length;
}

function saidOfPod(
  type: Write['type'],
  object: KubeObject,
  previous: KubeObject | undefined,
): string | undefined {
  const name = nameOf(object);
  if (type === 'DELETED') return `pod ${name} is gone`;
  const [now, before] = [stateOfPod(object), previous === undefined ? '' : stateOfPod(previous)];
  return now === before ? undefined : `pod ${name}${imageOf(object)} ${now}`;
}

function stateOfPod(pod: KubeObject): string {
  const [container] = listAt(pod['status'], 'containerStatuses');
  const waiting = textAt(objectAt(objectAt(container, 'state'), 'waiting'), 'reason');
  const restarts = numberAt(container, 'restartCount') ?? 0;
  const conditions = listAt(pod['status'], 'conditions');
  const ready = conditions.some(
    (each) => textAt(each, 'type') === 'Ready' && textAt(each, 'status') === 'True',
  );
  const words = [
    pod.metadata['deletionTimestamp'] === undefined ? '' : 'leaves,',
    ready ? 'ready' : 'not ready',
    waiting ?? '',
    restarts === 0 ? '' : `${restarts} restarts`,
  ];
  return words.filter((word) => word !== '').join(' ');
}

function imageOf(object: KubeObject): string {
  const spec = objectAt(object, 'spec');
  const pod = object['kind'] === 'Pod' ? spec : objectAt(objectAt(spec, 'template'), 'spec');
  const [container] = listAt(pod, 'containers');
  const image = textAt(container, 'image');
  return image === undefined ? '' : ` (${image})`;
}
