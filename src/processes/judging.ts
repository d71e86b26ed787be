import { rules } from '../admission/rules/index.ts';
import type { Around, Attempt, Settings } from '../admission/rules/rule.ts';
import { type Broken, type Force, validate } from '../admission/validate.ts';
import type { Verdict } from '../admission/verdict.ts';
import { parseFloor, usualFloor } from '../config/floor.ts';
import { messageOf, SerinError } from '../errors.ts';
import { createMayDo, type MayDo } from '../kube/access.ts';
import { eventOf } from '../kube/event.ts';
import { listAll } from '../kube/kube.ts';
import { type KubeObject, resources } from '../kube/objects.ts';
import type { Reflector } from '../kube/reflector.ts';
import { within } from '../kube/stream.ts';
import { isObject, objectAt, textAt } from '../routing/json.ts';
import type { Parts } from './parts.ts';

/** What the rules look at all the time, kept as copies; the rest is asked for when it is needed. */
export interface Copies {
  readonly services: Reflector;
  readonly deployments: Reflector;
}

/** Of the five seconds an admission may take; three questions may be asked, at the same time. */
const limitMs = 3_000;

type JudgeParts = Pick<Parts, 'kube' | 'clock' | 'log' | 'metrics'>;

/** Judges by the cluster as it is, counts, and tells of those who broke the glass. */
export function createJudge(
  parts: JudgeParts,
  copies: Copies,
): (attempt: Attempt, force: Force) => Promise<Verdict> {
  parts.metrics.enforced.expect(rules.map(({ id }) => id));
  const mayDo = createMayDo(parts.kube, parts.clock);
  const told = {
    onBroken: (rule: string, outcome: Broken): void => parts.metrics.enforced.inc(rule, outcome),
    onBypass: (attempt: Attempt, message: string): void => void tell(parts, attempt, message),
  };
  return (attempt, force) => validate(attempt, force, aroundOf(parts, copies, mayDo, attempt), told);
}

function aroundOf(parts: JudgeParts, copies: Copies, mayDo: MayDo, attempt: Attempt): Around {
  const { kube, clock } = parts;
  const { namespace, name, user } = attempt;
  const inTime = async <T>(what: string, work: Promise<T>): Promise<T> => {
    try {
      return await within(clock, limitMs, work);
    } catch (cause) {
      if (cause instanceof SerinError) throw cause;
      throw new SerinError('KUBE_UNREACHABLE', `${what} not known: ${messageOf(cause)}`, { cause });
    }
  };
  return {
    services: () => copyOf(copies.services, 'Services', namespace),
    deployments: () => copyOf(copies.deployments, 'Deployments', namespace),
    replicaSets: async () =>
      (await inTime('ReplicaSets', listAll(kube, resources.replicaSets, { namespace }))) ?? [],
    hasService: async (service) =>
      (await inTime('Services', kube.get(resources.services, namespace, service))) !== undefined,
    settings: async () =>
      settingsOf(await inTime('ConfigMap serin', kube.get(resources.configMaps, namespace, 'serin'))),
    can: (verb) => mayDo(user, { verb, resource: 'deployments', namespace, name }),
  };
}

function copyOf({ synced, store }: Reflector, what: string, namespace: string): readonly KubeObject[] {
  if (!synced) throw new SerinError('KUBE_UNREACHABLE', `the ${what} of the cluster are not known yet`);
  return store.inNamespace(namespace);
}

/** A floor that cannot be read is as good as none: rule `floor` keeps it from being written. */
function settingsOf(configMap: KubeObject | undefined): Settings {
  const data = objectAt(configMap, 'data');
  const parsed = parseFloor(textAt(data, 'enforce.yaml'));
  return { defaults: textAt(data, 'canary.yaml'), floor: parsed.ok ? parsed.floor : usualFloor };
}

/** An Event on the object, and a line in the log: neither waits for the other, and neither holds the answer up. */
async function tell({ kube, clock, log }: JudgeParts, attempt: Attempt, message: string): Promise<void> {
  const { namespace, resource, name } = attempt;
  log.warn({ namespace, resource, name, username: attempt.user.username }, message);
  const subject = isObject(attempt.object['metadata']) ? attempt.object : attempt.oldObject;
  const about = {
    apiVersion: textAt(subject, 'apiVersion') ?? '',
    kind: textAt(subject, 'kind') ?? '',
    name: textAt(subject['metadata'], 'name') ?? name,
    namespace,
    uid: textAt(subject['metadata'], 'uid') ?? '',
  };
  const event = eventOf(
    about,
    { type: 'Warning', reason: 'CanaryBypassed', message },
    'webhook',
    clock.now(),
  );
  try {
    await kube.create(resources.events, namespace, event);
  } catch (error) {
    log.warn({ err: error, namespace, name }, `event not written: ${messageOf(error)}`);
  }
}
