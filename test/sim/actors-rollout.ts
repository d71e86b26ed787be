// What people say to a rollout, to its gates and to Serin itself.
import { endRollouts } from '../../src/controller/uninstall.ts';
import { names } from '../../src/kube/objects.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { kinds } from './api/kinds.ts';
import { failure, Refusal } from './api/refusal.ts';
import type { Mutator } from './api/types.ts';
import { ask, cluster, deploymentOf, patch, person, send } from './asking.ts';
import type { Act } from './history.ts';
import { namespace, planText } from './manifests.ts';
import { admin } from './setup.ts';
import type { SimWorld } from './world.ts';

type Of<Do extends Act['do']> = Extract<Act, { readonly do: Do }>;

/** `kubectl annotate`: a command, with a reason that somebody may look for later. */
export async function command(world: SimWorld, { verb }: Of<'command'>): Promise<void> {
  const text = `${verb}: as said at ${world.time.now}`;
  const annotations = { [names.command]: text };
  await ask(world, person, `command ${verb}`, patch('merge', { metadata: { annotations } }));
}

/** Suspends the plan as git has it, or takes that back. */
export async function suspend(world: SimWorld, on: boolean): Promise<void> {
  const { plan } = world.git;
  if (plan === 'disabled' || plan === undefined || deploymentOf(world) === undefined) return;
  const wanted = { ...plan, suspend: on };
  const annotations = { [names.canary]: planText(wanted) };
  const what = on ? 'suspend the plan' : 'no longer suspend the plan';
  const { status } = await ask(world, person, what, patch('merge', { metadata: { annotations } }));
  if (status < 300) world.git.plan = wanted;
}

/** A ResourceQuota that is used up: kube-apiserver refuses each new pod in its words. */
export async function quota(world: SimWorld, forMs: number): Promise<void> {
  const now = world.time.now;
  world.troubled({ what: 'quota', from: now, until: now + forMs, costsRequests: false });
  const { mutators } = world.api;
  const limit = exceeded(world.podsOf('web').length);
  mutators.push(limit);
  await world.time.sleep(forMs);
  mutators.splice(mutators.indexOf(limit), 1);
}

function exceeded(used: number): Mutator {
  return {
    name: 'resource-quota',
    isAgain: false,
    change: ({ verb, resource, namespace: home, subresource }, { metadata }) => {
      const isNewPod =
        verb === 'create' && resource.plural === 'pods' && subresource === undefined && home === namespace;
      if (!isNewPod) return undefined;
      const name = JSON.stringify((metadata as { readonly name?: string }).name ?? '');
      const why = `pods ${name} is forbidden: exceeded quota: pods, requested: pods=1, used: pods=${used}, limited: pods=${used}`;
      throw new Refusal(failure(403, 'Forbidden', why));
    },
  };
}

/** `serin uninstall`: production's own, by the account that may; what was wanted is wanted again a while after. */
export async function uninstall(world: SimWorld): Promise<void> {
  const { time, api } = world;
  const unwatched: Kube = {
    ...api.kube(cluster),
    watch: () => {
      throw new Error('nobody watches');
    },
  };
  await endRollouts({
    kube: unwatched,
    clock: { now: () => time.now, sleep: (ms) => time.sleep(ms) },
    home: 'serin-system',
    limitMs: uninstallMs,
    noteMs: uninstallMs,
  });
}

/** So long after `serin uninstall` nobody wants a rollout. */
const uninstallMs = 120_000;

/** `kubectl delete namespace`. */
export async function deleteNamespace(world: SimWorld): Promise<void> {
  world.troubled({
    what: 'the namespace is deleted',
    from: world.time.now,
    until: world.time.now,
    costsRequests: true,
  });
  await send(world, admin, kinds.namespaces, { verb: 'delete', name: namespace, namespace: undefined });
}
