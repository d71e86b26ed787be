// What is known of a rollout when something happens to it, as a message.
import { linkTo, type MessageSettings } from '../config/messages.ts';
import { readStable } from '../config/stable.ts';
import { readLedger } from '../config/state.ts';
import { templateOf } from '../kube/deployment.ts';
import type { Telling } from '../kube/event.ts';
import { hash } from '../kube/hash.ts';
import type { KubeObject } from '../kube/objects.ts';
import { checksOf } from '../rollout/strategy.ts';
import type { Json, RolloutSpec, State } from '../rollout/types.ts';
import { listAt, objectAt, textAt } from '../routing/json.ts';
import type { Analysis, Said } from './kind.ts';
import { type Fact, headOf, type ImageChange, isLast, type Kind, type Message } from './message.ts';

/** Something that happened to a rollout, and what was written of it. */
export interface News {
  /** The Deployment as it is now. */
  readonly main: KubeObject;
  readonly spec: RolloutSpec;
  /** Before it, and with it. */
  readonly before: State;
  readonly state: State;
  readonly telling: Telling;
  /** Unix ms. */
  readonly at: number;
}

/** Whether the checks of the plan were all passed, or somebody or the plan did without. */
export function analysisOf({ main, spec, before }: News): Analysis {
  if (spec.skipAnalysis || before.known === true) return 'skipped';
  if (spec.promotion === 'inPlace') return 'passed';
  const ledger = readLedger(main.metadata.annotations);
  if (ledger === undefined || 'corrupt' in ledger) return 'unknown';
  return ledger.passed < checksOf(spec.analysis.strategy) ? 'skipped' : 'passed';
}

/** True of what a gate said that the plan mutes; how a rollout ends is told all the same. */
export function isMuted({ spec, telling }: News, said: Said): boolean {
  if (isLast(said)) return false;
  const { gates } = spec.analysis;
  return gates.some(
    ({ muteAlert, name, type }) => muteAlert && telling.message.includes(`gate ${name} (${type}) `),
  );
}

/** The message of that news; what the settings add is in it. */
export function compose(news: News, said: Said, settings: MessageSettings): Message {
  const { main, state, telling, at } = news;
  const { name, namespace = '', uid } = main.metadata;
  const { revision, stableRevision, actor, phase } = state;
  const { kind, severity, title } = said;
  const startedAt = 'startedAt' in state ? (state.startedAt ?? 0) : 0;
  // An end is told once, when it was looked at first: who hears it twice is to know it by its id.
  const which = isLast(said) ? kind : `${kind}/${at}/${telling.message}`;
  const link = linkTo(settings, { namespace, name, revision });
  const images = imagesOf(main);
  const evidence = evidenceOf(main, revision);
  return {
    id: hash([uid, revision, startedAt, which].join('/')),
    ...{ kind, severity, at, namespace, name, title, text: telling.message, phase },
    ...{ revision, stableRevision, actor, weight: weightOf(state) ?? 0, images, evidence },
    facts: factsOf(news, said, { images, evidence, cluster: settings.cluster }),
    commands: commandsOf(kind, name, namespace),
    ...(settings.cluster === undefined ? {} : { cluster: settings.cluster }),
    ...(link === undefined ? {} : { link }),
  };
}

interface Known {
  readonly images: readonly ImageChange[];
  readonly evidence: readonly string[];
  readonly cluster: string | undefined;
}

function factsOf(news: News, { kind }: Said, { images, evidence, cluster }: Known): readonly Fact[] {
  const { main, before, state } = news;
  const { name, namespace = '' } = main.metadata;
  const weight = weightOf(state) ?? weightOf(before);
  const isStart = kind === 'started';
  const changes = images.map(({ from = 'new', to = 'gone' }) => `${from} -> ${to}`);
  return [
    ...(cluster === undefined ? [] : [{ name: 'Cluster', value: cluster }]),
    { name: 'Target', value: `Deployment/${headOf({ name, namespace })}` },
    ...planFacts(news.spec),
    ...(changes.length === 0 ? [] : [{ name: 'Image', value: changes.join(', ') }]),
    { name: 'Asked for by', value: state.actor },
    { name: 'Revision', value: state.revision },
    ...(isStart || weight === undefined ? [] : [{ name: 'Weight', value: `${weight} %` }]),
    ...(isStart || evidence.length === 0
      ? []
      : [{ name: 'Evidence', value: evidence.join('; '), wide: true as const }]),
  ];
}

/** The three of the talk that the plan says, beside the target. */
function planFacts({ analysis, progressDeadlineMs, ...spec }: RolloutSpec): readonly Fact[] {
  const skips = spec.skipAnalysis ? ', analysis skipped' : '';
  const facts = [
    ['Traffic routing', `${routingOf({ analysis, ...spec })}${skips}`],
    ['Failed checks threshold', String(analysis.threshold)],
    ['Progress deadline', `${progressDeadlineMs / 1000}s`],
  ] as const;
  return facts.map(([name, value]) => ({ name, value, planned: true }));
}

function routingOf({
  analysis: { strategy },
  promotion,
}: Pick<RolloutSpec, 'analysis' | 'promotion'>): string {
  const copies = strategy.mirror === undefined ? '' : `, copies of ${strategy.mirror} % first`;
  if (strategy.kind === 'iterations') {
    const way = strategy.match === undefined ? 'Blue/green' : 'A/B testing';
    return `${way}: ${strategy.iterations} checks${copies}`;
  }
  const { weights } = strategy;
  const [step = 0] = weights;
  const isEven = weights.every(
    (weight, index) => weight === Math.min(step * (index + 1), weights.at(-1) ?? 0),
  );
  const what = promotion === 'inPlace' ? ' of the pods' : '';
  return isEven
    ? `Weight step: ${step} max: ${weights.at(-1)}${what}${copies}`
    : `Weight steps: ${weights.join(', ')}${what}${copies}`;
}

function weightOf(state: State): number | undefined {
  return 'weight' in state ? state.weight : undefined;
}

function evidenceOf({ metadata }: KubeObject, revision: string): readonly string[] {
  const ledger = readLedger(metadata.annotations);
  if (ledger === undefined || 'corrupt' in ledger || ledger.revision !== revision) return [];
  return ledger.last?.evidence ?? [];
}

/** Of the containers whose image the candidate changes; none once it is no candidate any more. */
function imagesOf(main: KubeObject): readonly ImageChange[] {
  const candidate = templateOf(main);
  const stable = readStable(main.metadata.annotations, candidate);
  if (stable === undefined) return [];
  const [before, after] = [imagesIn(stable), imagesIn(candidate)];
  return [...new Set([...after.keys(), ...before.keys()])].flatMap((container) => {
    const [from, to] = [before.get(container), after.get(container)];
    if (from === to) return [];
    return [{ container, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}

function imagesIn(template: Json): ReadonlyMap<string, string> {
  const spec = objectAt(template, 'spec');
  const all = [...listAt(spec, 'containers'), ...listAt(spec, 'initContainers')];
  return new Map(all.map((each) => [textAt(each, 'name') ?? '', textAt(each, 'image') ?? '']));
}

function commandsOf(kind: Kind, name: string, namespace: string): readonly string[] {
  return verbsOf(kind).map((verb) => `kubectl canary ${verb} ${name} -n ${namespace}`);
}

function verbsOf(kind: Kind): readonly string[] {
  switch (kind) {
    case 'started':
      return ['watch', 'abort'];
    case 'waiting':
      return ['status', 'promote'];
    case 'paused':
      return ['resume', 'abort'];
    case 'held':
    case 'failed':
    case 'threshold':
    case 'deadline':
      return kind === 'held' ? ['status'] : ['status', 'retry'];
    case 'rolled-back':
      return ['retry'];
    case 'promoted':
      return ['rollback'];
    default:
      return [];
  }
}

/** The message that a candidate has made room for a newer one, to whoever heard of it. */
export function supersededBy(
  message: Message,
  said: Said,
  old: { readonly uid: string; readonly revision: string; readonly openedAt: number },
): Message {
  const { revision, actor } = message;
  const { link: _, ...rest } = message;
  return {
    ...rest,
    ...said,
    id: hash([old.uid, old.revision, old.openedAt, said.kind].join('/')),
    text: `revision ${old.revision} makes room for ${revision}, asked for by ${actor}`,
    revision: old.revision,
    ...{ weight: 0, images: [], evidence: [], commands: [] },
    facts: [
      { name: 'Target', value: `Deployment/${headOf(message)}` },
      { name: 'Revision', value: old.revision },
    ],
  };
}
