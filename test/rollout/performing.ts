// What Kubernetes and the mesh make of the machine's actions, and what must hold whenever it asks for one.
import { strict as assert } from 'node:assert';
import { readySeconds } from '../../src/rollout/brake.ts';
import type { Action } from '../../src/rollout/decision.ts';
import type { State } from '../../src/rollout/types.ts';
import type { World } from './world.ts';

/** What an action brings about, `state` being the one of its decision. */
export function perform(world: World, action: Action, state: State): void {
  if (['record', 'hold', 'unhold', 'restore', 'ignore-command', 'go-back'].includes(action.do))
    world.command = undefined;
  world.log.push(action.do === 'route' ? `route ${action.weight}` : action.do);
  if (['record', 'hold', 'unhold', 'restore'].includes(action.do)) brake(world, action, state);
  switch (action.do) {
    case 'record':
      world.state = state;
      return;
    case 'hold':
      world.state = state;
      world.main.paused = true;
      return;
    case 'unhold':
      world.state = state;
      world.main.paused = false;
      return;
    case 'restore':
      assert.ok(world.main.restorable, 'stable is put back only where there is a way back');
      world.state = state;
      // What is new now are the pods that have not rolled.
      Object.assign(world.main, {
        paused: state.ownPause,
        restorable: false,
        updated: world.main.replicas - world.main.updated,
        trouble: undefined,
      });
      return;
    case 'twin': {
      world.servedSince ??= world.now;
      const ready = world.twin?.revision === world.state.revision ? world.twin.ready : 0;
      const ledger = world.twin?.revision === world.state.revision ? world.twin.ledger : undefined;
      world.twin = {
        replicas: action.replicas,
        ready,
        revision: world.state.revision,
        ...(ledger === undefined ? {} : { ledger }),
      };
      return;
    }
    case 'scale-main':
      world.main.replicas = action.replicas;
      return;
    case 'route':
      route(world, action.weight, action.rolledBack);
      world.beside = action.beside;
      return;
    case 'unroute':
      assert.equal(world.weight, 0, 'the routes are cleared only when the twin has no weight');
      world.edited = false;
      world.rolledBack = undefined;
      return;
    case 'remove-twin':
      assert.equal(world.edited, false, 'the twin goes only after its routes');
      world.twin = undefined;
      return;
    case 'ledger':
      if (world.twin !== undefined) world.twin.ledger = action.ledger;
      return;
    case 'event':
      world.events.push(action.message);
      return;
    case 'ignore-command':
      world.events.push(action.why);
      return;
    case 'go-back':
    case 'condition':
      return;
  }
}

function brake({ main, state: before }: World, action: Action, state: State): void {
  const now = main.minReadySeconds;
  main.minReadySeconds = readySeconds(before, state, { now, letsGo: action.do === 'unhold' }) ?? now;
}

function route(world: World, weight: number, rolledBack: string | undefined): void {
  if (weight > world.weight) {
    assert.ok((world.twin?.ready ?? 0) > 0, 'weight only on a twin with a ready pod');
    const highest = 'weight' in world.state ? world.state.weight : 0;
    assert.ok(weight <= Math.max(highest, 100 * Number(world.state.phase.startsWith('Promoting'))));
  }
  if (weight < 100) {
    const { replicas, ready } = world.main;
    assert.ok(ready > 0 || replicas === 0 || (world.twin?.ready ?? 0) === 0, 'stable can take the traffic');
  }
  world.weight = weight;
  world.edited = true;
  world.rolledBack = rolledBack;
}
