// The disruption controller: how many more pods of a budget may be evicted now.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { objectAt } from '../../../src/routing/json.ts';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isSame } from '../api/frozen.ts';
import { kinds } from '../api/kinds.ts';
import { failure } from '../api/refusal.ts';
import type { Answer, SimApi, Write } from '../api/types.ts';
import type { Dice } from '../dice.ts';
import type { SimTime } from '../time.ts';
import { controllerNamed, Hand } from './hand.ts';
import { controllerOf, isLeaving, keyOf, neighbours, objectOf, type Pod } from './objects.ts';
import { isActive, isNews, isOver, isReady } from './readiness.ts';
import { selects } from './selecting.ts';
import { WorkQueue } from './work-queue.ts';

export class DisruptionController {
  readonly #api: SimApi;
  readonly #hand: Hand;
  readonly #queue: WorkQueue;

  constructor(time: SimTime, dice: Dice, api: SimApi) {
    this.#api = api;
    this.#hand = new Hand(api, controllerNamed('disruption-controller'));
    this.#queue = new WorkQueue(time, dice, (key) => this.#look(key));
  }

  /** Told of every write. */
  see(write: Write): void {
    const { resource, object, type } = write;
    if (resource.plural === 'poddisruptionbudgets' && type !== 'DELETED') this.#queue.add(keyOf(object));
    if (resource.plural !== 'pods' || !isNews(write)) return;
    for (const budget of neighbours(this.#api, 'disruptionBudgets', keyOf(object))) {
      if (selects(budget, object)) this.#queue.add(keyOf(budget));
    }
  }

  /** What stands in the way of an eviction; where nothing does, the budget has one disruption less at once. */
  refusal(pod: Pod): Answer | undefined {
    if (isOver(pod) || isLeaving(pod) || pod.status?.phase === 'Pending') return undefined;
    const budgets = neighbours(this.#api, 'disruptionBudgets', keyOf(pod)).filter((each) =>
      selects(each, pod),
    );
    const [budget] = budgets;
    if (budgets.length > 1) return ambiguous;
    if (budget === undefined) return undefined;
    const { disruptionsAllowed = 0, currentHealthy = 0, desiredHealthy = 0 } = countsOf(budget);
    const isSpared = !isReady(pod) && currentHealthy >= desiredHealthy && desiredHealthy > 0;
    if (isSpared) return undefined;
    if (disruptionsAllowed <= 0) return exhausted(budget.metadata.name, desiredHealthy, currentHealthy);
    const status = { ...objectAt(budget, 'status'), disruptionsAllowed: disruptionsAllowed - 1 };
    void this.#hand.update(kinds.disruptionBudgets, { ...budget, status }, 'status');
    return undefined;
  }

  async #look(key: string): Promise<undefined> {
    const budget = objectOf(this.#api, 'disruptionBudgets', key);
    if (budget === undefined) return;
    const pods = neighbours(this.#api, 'pods', key).filter((pod) => isActive(pod) && selects(budget, pod));
    const healthy = pods.filter(isReady).length;
    const expected = this.#expected(key, pods);
    const { minAvailable, maxUnavailable } = objectAt(budget, 'spec');
    const desired =
      maxUnavailable === undefined
        ? scaled(minAvailable, expected)
        : Math.max(0, expected - scaled(maxUnavailable, expected));
    const status: JsonObject = {
      ...objectAt(budget, 'status'),
      observedGeneration: budget.metadata.generation ?? 1,
      disruptionsAllowed: expected === 0 ? 0 : Math.max(0, healthy - desired),
      currentHealthy: healthy,
      desiredHealthy: desired,
      expectedPods: expected,
    };
    if (!isSame(budget['status'], status)) {
      await this.#hand.update(kinds.disruptionBudgets, { ...budget, status }, 'status');
    }
  }

  /** What the owners of the pods ask for. */
  #expected(key: string, pods: readonly Pod[]): number {
    const namespace = key.slice(0, key.indexOf('/'));
    const scales = new Map<string, number>();
    for (const pod of pods) {
      const set = this.#owner('replicaSets', namespace, pod);
      const deployment = set && this.#owner('deployments', namespace, set);
      const owner = deployment ?? set;
      if (owner !== undefined) scales.set(owner.metadata.uid, owner.spec.replicas ?? 1);
    }
    return [...scales.values()].reduce((sum, scale) => sum + scale, 0);
  }

  #owner<K extends 'deployments' | 'replicaSets'>(kind: K, namespace: string, object: KubeObject) {
    const owner = controllerOf(object);
    if (owner?.kind !== kinds[kind].kind) return undefined;
    return objectOf(this.#api, kind, `${namespace}/${owner.name}`);
  }
}

type Counts = { readonly [key in 'disruptionsAllowed' | 'currentHealthy' | 'desiredHealthy']?: number };

function countsOf(budget: KubeObject): Counts {
  return objectAt(budget, 'status');
}

const ambiguous = failure(
  500,
  '',
  'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
);

function exhausted(name: string, needs: number, has: number): Answer {
  const message = `The disruption budget ${name} needs ${needs} healthy pods and has ${has} currently`;
  const causes = [{ reason: 'DisruptionBudget', message }];
  const said = "Cannot evict pod as it would violate the pod's disruption budget.";
  return failure(429, 'TooManyRequests', said, { causes });
}

/** Percentages of a budget round up, both ways. */
function scaled(value: Json | undefined, of: number): number {
  if (typeof value === 'string') return Math.ceil((Number.parseInt(value, 10) * of) / 100);
  return typeof value === 'number' ? value : 0;
}
