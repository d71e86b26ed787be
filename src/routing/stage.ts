import type { Json, JsonObject } from '../rollout/types.ts';
import { type Role, roleOf } from './destinations.ts';
import { isObject, listAt, objectAt, textAt } from './json.ts';
import { isMade } from './made.ts';
import { madeByOthers, recall } from './memory.ts';
import { withoutMirror } from './mirror.ts';
import { roleAmong } from './preview.ts';
import { withoutTwins } from './twins.ts';
import type { Restriction, Split } from './types.ts';

export const protocols = ['http', 'tls', 'tcp'] as const;
type Protocol = (typeof protocols)[number];

/** One route of a VirtualService with everything that is needed to edit it. */
export interface Staged {
  readonly protocol: Protocol;
  readonly raw: Json;
  /** Only HTTP routes have names. */
  readonly name: string | undefined;
  /** What it sends to now; nothing where it redirects, delegates or is not ours to look at. */
  readonly destinations: readonly Json[];
  /** The route without our edit; undefined where all of it is ours. */
  readonly cleared: Json | undefined;
}

/** The routes of a VirtualService in the order of the object, and what a destination in them is to the split. */
export interface Stage {
  readonly routes: readonly Staged[];
  readonly role: (destination: Json) => Role;
}

/** Every route of the VirtualService, ready to be edited. */
export function stageOf(virtualService: JsonObject, target: Split): Stage {
  const namespace = textAt(objectAt(virtualService, 'metadata'), 'namespace') ?? '';
  const spec = objectAt(virtualService, 'spec');
  const memory = recall(virtualService, target);
  const own = protocols.flatMap((protocol) => listAt(spec, protocol).map((raw) => listAt(raw, 'route')));
  const plain = (destination: Json): Role => roleOf(destination, target, namespace);
  const hosts = listAt(spec, 'hosts');
  const isTheirs = (host: Json): boolean => host !== '*' && plain({ destination: { host } }) !== 'stable';
  const hasOwnHosts = hosts.length > 0 && hosts.every(isTheirs);
  const role = roleAmong(plain, own, { isSplit: memory !== undefined, hasOwnHosts });
  const foreign = madeByOthers(virtualService, target);
  const routes = protocols.flatMap((protocol) =>
    listAt(spec, protocol).map((raw) => {
      const name = textAt(raw, 'name');
      const made = protocol === 'http' && isMade(raw, target, role);
      const isForeign = !made && name !== undefined && foreign.includes(name);
      return { protocol, raw, name, made, destinations: made || isForeign ? [] : listAt(raw, 'route') };
    }),
  );
  const lists = withoutTwins(
    routes.map(({ destinations }) => destinations),
    target,
    role,
    memory?.was,
  );
  const isTwin = (destination: Json): boolean => role(destination) === 'twin';
  return {
    role,
    routes: routes.map(({ made, ...route }, n) => {
      const list = lists[n] ?? [];
      return { ...route, cleared: made ? undefined : clearedRoute(route.raw, list, isTwin) };
    }),
  };
}

function clearedRoute(raw: Json, list: readonly Json[], isTwin: (destination: Json) => boolean): Json {
  if (!isObject(raw) || list.length === 0) return raw;
  return { ...withoutMirror(raw, isTwin), route: list };
}

/**
 * True when the configuration lets this route be edited. `namespace/name` names a VirtualService elsewhere, as gateways
 * are named; a bare name is in the Service's namespace.
 */
export function mayEdit(
  object: JsonObject,
  target: Split,
  route: string | undefined,
  only?: Restriction,
): boolean {
  if (only === undefined) return true;
  const metadata = objectAt(object, 'metadata');
  const full = `${textAt(metadata, 'namespace')}/${textAt(metadata, 'name')}`;
  const wanted = only.name.includes('/') ? only.name : `${target.service.namespace}/${only.name}`;
  if (full !== wanted) return false;
  return only.routes === undefined || (route !== undefined && only.routes.includes(route));
}
