// With which traffic a course is reckoned: what is said, what Prometheus knows, what Serin told, or any.
import type { Scene } from '../controller/scene.ts';
import { hash } from '../kube/hash.ts';
import { resources } from '../kube/objects.ts';
import { eventsOf } from '../report/events.ts';
import type { Traffic } from '../rollout/foresight.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import { twinServiceName } from '../routing/service.ts';
import { type Found, trafficOf } from './prometheus.ts';
import type { Sight } from './seen.ts';
import { trafficTold } from './told.ts';

export interface Reckoning {
  readonly prometheus: Found;
  /** What the user says of the traffic. */
  readonly traffic?: Traffic;
}

export interface Reckoned {
  /** What the columns of the course are reckoned with; none where nothing is compared. */
  readonly traffics: readonly Traffic[];
  /** Where the traffic is known from; or why it is not. */
  readonly known: { readonly from: string } | { readonly why: string };
}

/** A rate of errors that is usual, where nobody knows one: one in a thousand. */
const usualErrors = 0.001;
const usualRates = [1, 10, 100, 1000];
const ofLateMs = 600_000;

/** The traffic of the scene, from whoever knows it best. */
export async function reckonedWith(
  { prometheus, traffic }: Reckoning,
  sight: Sight,
  scene: Scene,
): Promise<Reckoned> {
  if (traffic !== undefined) return { traffics: [traffic], known: { from: 'as you say' } };
  if (scene.routing.kind === 'none' || !isReckoned(scene.spec)) return { traffics: [], known: { why: '' } };
  const found = await asked(prometheus, scene);
  if (!('why' in found) && 'where' in prometheus)
    return { traffics: [found], known: { from: `${prometheus.where}, the last 10m` } };
  const told = await toldOf(sight, scene);
  if (told !== undefined) return { traffics: [told], known: { from: 'as the last rollout began' } };
  const traffics = usualRates.map((perSecond) => ({ perSecond, errorRate: usualErrors }));
  return { traffics, known: 'why' in found ? found : { why: '' } };
}

function isReckoned({ analysis: { compare }, promotion, skipAnalysis }: RolloutSpec): boolean {
  return compare?.errorRate === true && promotion === 'shift' && !skipAnalysis;
}

async function asked(
  prometheus: Found,
  { main, twinName, routing }: Scene,
): Promise<Traffic | { readonly why: string }> {
  const ways = routing.kind === 'split' ? routing.ways : [];
  const [way] = ways;
  const name = way?.split.service.name ?? '';
  const services = { stable: name, canary: twinServiceName(name, hash) };
  const namespace = main.metadata.namespace ?? '';
  return trafficOf(prometheus, {
    ...{ namespace, stable: main.metadata.name, canary: twinName, windowMs: ofLateMs },
    // By several Services requests are told apart by what they reach alone.
    ...(ways.length === 1 ? { services } : {}),
  });
}

async function toldOf(sight: Sight, { main }: Scene): Promise<Traffic | undefined> {
  const { namespace = '', uid } = main.metadata;
  const scope = { namespace, fieldSelector: `involvedObject.uid=${uid}` };
  return trafficTold(eventsOf((await sight.list(resources.events, scope)) ?? []));
}
