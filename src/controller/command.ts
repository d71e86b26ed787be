import { commandOf } from '../config/asked-command.ts';
import { earlierOf } from '../config/earlier.ts';
import { holding } from '../config/hold.ts';
import { stableOf } from '../config/stable.ts';
import { isPaused, templateOf } from '../kube/deployment.ts';
import type { Telling } from '../kube/event.ts';
import type { Kube } from '../kube/kube.ts';
import { type KubeObject, names, resources } from '../kube/objects.ts';
import { revisionOf } from '../kube/revision.ts';
import { templateOfSet } from '../rollout/template.ts';
import type { Json, State } from '../rollout/types.ts';
import { setsOf } from './adopt.ts';

/** What a command came to: the Deployment as it is then, and what is told of it. */
export interface Heeded {
  readonly main: KubeObject;
  readonly telling: Telling;
}

/** Takes a command off that nothing can come of, and tells why; the rollout is as it was. */
export async function ignoreCommand(kube: Kube, main: KubeObject, why: string): Promise<Heeded> {
  const { namespace, name, uid, resourceVersion } = main.metadata;
  const body = { metadata: { uid, resourceVersion, annotations: { [names.command]: null } } };
  return {
    main: await kube.patch(resources.deployments, namespace, name, { type: 'merge', body }),
    telling: { type: 'Warning', reason: 'CommandIgnored', message: why },
  };
}

/**
 * Makes the template of an earlier revision the candidate: template, state, hold and the way back to what runs in one
 * write, bound to the version that was read. Where there is no such template, the command goes, and why is told.
 */
export async function goBack(kube: Kube, main: KubeObject, state: State, to?: string): Promise<Heeded> {
  const actor = commandOf(main, state)?.actor;
  const { annotations } = main.metadata;
  const revision = to ?? earlierOf(annotations, state)[0];
  const no = (why: string): Promise<Heeded> => ignoreCommand(kube, main, `cannot go back: ${why}`);
  if (actor === undefined) return no('nobody asks for it');
  if (revision === undefined) return no('no revision is known that ran before');
  if (!earlierOf(annotations, state).includes(revision)) return no(`revision ${revision} never ran`);
  const stands = standsOn(main, state);
  if (stands === undefined)
    return no(`${names.stable} does not lead back to revision ${state.stableRevision}`);
  const sets = await setsOf(kube, main);
  const template = sets.map(templateOfSet).find((each) => revisionOf(each) === revision);
  if (template === undefined) {
    return no(`no ReplicaSet keeps revision ${revision} (spec.revisionHistoryLimit); apply its template`);
  }
  const change = holding(template, stands.stable, { actor, ownPause: stands.ownPause, known: true });
  return {
    main: await written(kube, main, template, change.annotations),
    telling: {
      type: 'Normal',
      reason: 'CanaryGoesBack',
      message: `${actor} goes back to revision ${revision}, which ran before`,
    },
  };
}

/** What the pods run, and whether the pause is their owner's: a failed candidate may stand in the template still. */
function standsOn(main: KubeObject, state: State): { stable: Json; ownPause: boolean } | undefined {
  const { annotations } = main.metadata;
  const [template, paused] = [templateOf(main), isPaused(main)];
  const isHeld = state.phase === 'Failed' && paused && names.stable in (annotations ?? {});
  if (!isHeld) return { stable: template, ownPause: paused };
  const stable = stableOf(annotations, template, state);
  return stable === undefined ? undefined : { stable, ownPause: state.ownPause };
}

async function written(
  kube: Kube,
  main: KubeObject,
  template: Json,
  changes: { readonly [name: string]: string | undefined },
): Promise<KubeObject> {
  const { namespace, name, resourceVersion, annotations } = main.metadata;
  const wished = Object.entries({ ...annotations, ...changes, [names.command]: undefined });
  const kept = Object.fromEntries(wished.flatMap(([key, text]) => (text === undefined ? [] : [[key, text]])));
  return kube.patch(resources.deployments, namespace, name, {
    type: 'json',
    ops: [
      { op: 'test', path: '/metadata/resourceVersion', value: resourceVersion },
      { op: 'replace', path: '/spec/template', value: template },
      { op: 'add', path: '/metadata/annotations', value: kept },
      { op: 'add', path: '/spec/paused', value: true },
    ],
  });
}
