import type { Clock } from '../clock.ts';
import { parseCanary } from '../config/canary.ts';
import { configRefs, refName } from '../config/config-refs.ts';
import { configOf, readSeen, type Seen, withConfig, writeSeen } from '../config/config-seen.ts';
import { isUninstalling } from '../config/uninstall.ts';
import { templateOf } from '../kube/deployment.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import type { Decision } from '../rollout/decision.ts';
import { numberAt, objectAt, textAt } from '../routing/json.ts';
import { candidateWith, type Change } from './config-candidate.ts';
import type { Digester } from './config-digest.ts';
import { type ConfigStanding, sightOf, standingOf } from './config-sight.ts';
import { changedIn, type ConfigStep, configStep, knownOf } from './config-step.ts';
import type { ConfigWatch } from './config-watch.ts';
import type { Copies } from './copies.ts';
import type { Handled } from './queue.ts';

/** What a release of configuration is made with. */
export type ConfigAround = Pick<Copies, 'namespaces' | 'settings'> & {
  readonly kube: Kube;
  readonly clock: Clock;
  readonly home?: string;
};

/** What is changed together comes within this time, and is one release: `helm upgrade` writes one object after another. */
const settledMs = 3_000;

/** Makes a change of the ConfigMaps and Secrets that pods read a release like any other. */
export class ConfigReleases {
  readonly watch: ConfigWatch;

  constructor(watch: ConfigWatch) {
    this.watch = watch;
  }

  /** The Deployments of `all` whose pods read that object. */
  readersOf(all: readonly KubeObject[], ref: string): readonly KubeObject[] {
    return all.filter((each) => configRefs(templateOf(each)).some((read) => refName(read) === ref));
  }

  /** Does what is due; answers what comes next where nothing else is to be done in this look. */
  async look(around: ConfigAround, main: KubeObject): Promise<Handled | undefined> {
    const digester = this.watch.ready;
    if (digester === undefined || !hasConfig(main)) return undefined;
    const standing = standingOf(main);
    if (standing === undefined) return undefined;
    const wanted = isWanted(around, main);
    if (wanted !== 'yes') return wanted === 'no' ? forget(around, main, standing) : undefined;
    const step = this.#step(main, standing, digester);
    switch (step.do) {
      case 'nothing':
        return undefined;
      case 'note':
        return note(around, main, { ...step.noted, key: digester.id });
      case 'try': {
        const wakeAt = this.#settledAt(main, standing, step.changed);
        if (wakeAt > around.clock.now()) return { wakeAt };
        return this.#try(around, main, digester);
      }
    }
  }

  /** The decision, where the Event of a failure says what the candidate leaves behind, too. */
  explained(decision: Decision, main: KubeObject): Decision {
    const left = this.#leftBehind(main);
    if (left.length === 0) return decision;
    const more = `; ${left.join(' and ')} still ${left.length === 1 ? 'has' : 'have'} the content that failed, and pods that start anew read it: apply the earlier content (as with helm rollback or git revert), which ends this by itself`;
    const actions = decision.actions.map((action) =>
      action.do === 'event' && action.reason === 'CanaryFailed'
        ? { ...action, message: action.message + more }
        : action,
    );
    return { ...decision, actions };
  }

  /** The objects whose change is part of the candidate that is held. */
  #leftBehind(main: KubeObject): readonly string[] {
    const digester = this.watch.ready;
    const standing = standingOf(main);
    if (digester === undefined || standing?.is !== 'held') return [];
    if (configOf(templateOf(main)) === configOf(standing.stable)) return [];
    const sight = sightOf(main, standing, this.watch, digester);
    return sight === undefined ? [] : changedIn(knownOf(sight), sight.now).map(spoken);
  }

  #step(main: KubeObject, standing: ConfigStanding, digester: Digester): ConfigStep {
    const sight = sightOf(main, standing, this.watch, digester);
    const step: ConfigStep = sight === undefined ? { do: 'nothing' } : configStep(sight, digester.markOf);
    // The very same has failed, and stable was put back: it is not tried again by itself (flagger#780).
    if (step.do === 'try' && standing.is === 'free' && standing.state?.phase === 'Failed') {
      const revision = revisionOf(withConfig(templateOf(main), step.mark));
      if (revision === standing.state.revision) return { do: 'nothing' };
    }
    return step;
  }

  /** Until when more may come that belongs to it; a trial that is under way is overtaken at once. */
  #settledAt(main: KubeObject, { is, state }: ConfigStanding, changed: readonly string[]): number {
    if (is === 'held' && state.phase !== 'Pending') return 0;
    const { namespace = '' } = main.metadata;
    const times = changed.map((ref) => (this.watch.changedAt(namespace, ref) ?? 0) + settledMs);
    return Math.max(0, ...times);
  }

  /** Decides once more by the Deployment as it is now, whole, and writes what comes of it. */
  async #try(around: ConfigAround, known: KubeObject, digester: Digester): Promise<Handled | undefined> {
    const { namespace, name } = known.metadata;
    const main = await around.kube.get(resources.deployments, namespace, name);
    const standing = main === undefined ? undefined : standingOf(main);
    if (main === undefined || standing === undefined) return undefined;
    const step = this.#step(main, standing, digester);
    if (step.do !== 'try') return undefined;
    if (standing.is === 'free' && hasNoPods(main)) {
      const now = sightOf(main, standing, this.watch, digester)?.now ?? {};
      return note(around, main, { key: digester.id, digests: now });
    }
    const seen = writeSeen({ ...step.noted, key: digester.id });
    const change: Change = { mark: step.mark, seen, actor: this.#actor(main, step.changed) };
    const ops = candidateWith(main, standing, change);
    await around.kube.patch(resources.deployments, namespace, name, { type: 'json', ops });
    return { wakeAt: around.clock.now() };
  }

  /** Kubernetes keeps no user's name with an object, but by what program it was written. */
  #actor({ metadata: { namespace = '' } }: KubeObject, changed: readonly string[]): string {
    const writers = changed.flatMap((ref) => this.watch.writer(namespace, ref) || []);
    const by = writers.length === 0 ? '' : ` (${[...new Set(writers)].join(', ')})`;
    return `a change of ${changed.map(spoken).join(' and ')}${by}`;
  }
}

/** True where its pods read anything, or did when it was last looked at. */
export function hasConfig(main: KubeObject): boolean {
  return names.configSeen in (main.metadata.annotations ?? {}) || configRefs(templateOf(main)).length > 0;
}

/** Whether changes are to be releases; `unknown` where nothing is to be touched. */
function isWanted(
  { namespaces, settings, clock, home }: ConfigAround,
  { metadata: { namespace = '', annotations } }: KubeObject,
): 'yes' | 'no' | 'unknown' {
  const space = namespaces.get(undefined, namespace);
  if (space === undefined || namespace === home) return 'unknown';
  if (isUninstalling(settings.get(home, 'serin'), clock.now())) return 'unknown';
  const mode = space.metadata.labels?.['serin.dev/mode'] ?? '';
  if (mode !== 'canary' && mode !== 'enforce') return 'no';
  const defaults = textAt(settings.get(namespace, 'serin')?.['data'], 'canary.yaml');
  const parsed = parseCanary(annotations?.[names.canary], defaults);
  if (parsed.ok === false) return 'unknown';
  return parsed.ok === true && parsed.spec.configTracking !== false ? 'yes' : 'no';
}

/** Nobody follows it any more: what stood there would be old when somebody does again. */
async function forget(
  around: ConfigAround,
  main: KubeObject,
  { is }: ConfigStanding,
): Promise<Handled | undefined> {
  if (is === 'held' || readSeen(main.metadata.annotations) === undefined) return undefined;
  return note(around, main, undefined);
}

async function note(
  { kube, clock }: ConfigAround,
  { metadata: { namespace, name, uid, resourceVersion } }: KubeObject,
  seen: Seen | undefined,
): Promise<Handled> {
  const text = seen === undefined ? null : writeSeen(seen);
  const body = { metadata: { uid, resourceVersion, annotations: { [names.configSeen]: text } } };
  await kube.patch(resources.deployments, namespace, name, { type: 'merge', body });
  return { wakeAt: clock.now() };
}

/** No pod needs a canary's care, as in src/admission/deployment.ts: what starts reads what is there. */
function hasNoPods(main: KubeObject): boolean {
  if (objectAt(main, 'spec')['replicas'] === 0) return true;
  return (numberAt(main['status'], 'availableReplicas') ?? 0) === 0;
}

function spoken(ref: string): string {
  return ref.replace('/', ' ');
}
