// The repository of an environment, with what is needed to change it.
import type { Io } from '../plugin/verb.ts';
import { type ForgeKind, forgeKinds, type Remote, remoteOf } from './remote.ts';
import type { Said } from './settings.ts';
import { maySend, type Token, tokenFor, tokenVariables } from './token.ts';

export interface Source {
  readonly remote: Remote;
  readonly kind?: ForgeKind;
  readonly token?: Token;
}

/** The repository that was said, and what is needed to change it; or all that is wrong with that. */
export function sourceOf(
  { env }: Pick<Io, 'env'>,
  said: Said,
): Source | { readonly mistakes: readonly string[] } {
  if (said.repo === undefined)
    return {
      mistakes: [
        '--repo: is missing: neither .serin.yaml nor Jenkins X says where the environment is; --direct changes the cluster itself',
      ],
    };
  const remote = remoteOf(said.repo);
  if (typeof remote === 'string') return { mistakes: [`--repo: ${remote}`] };
  const kind = said.forge ?? remote.forge?.kind;
  const token = tokenFor(kind, env);
  const mistakes = [
    ...(typeof token === 'string' ? [token] : []),
    ...(said.push === true ? [] : requestMistakes(said, remote, kind, token)),
    ...(typeof token === 'object' && remote.origin !== undefined && !maySend(new URL(remote.origin))
      ? [`--repo: ${remote.origin} would be sent the token in the clear; https wanted`]
      : []),
  ];
  if (mistakes.length > 0 || typeof token === 'string') return { mistakes };
  return {
    remote,
    ...(kind === undefined ? {} : { kind }),
    ...(token === undefined ? {} : { token }),
  };
}

/** What is missing for a request. */
function requestMistakes(
  { api }: Said,
  { forge }: Remote,
  kind: ForgeKind | undefined,
  token: Token | string | undefined,
): readonly string[] {
  if (forge === undefined)
    return ['--repo: a folder has no forge to open a request at; --push pushes to its branch'];
  const url = api === undefined ? undefined : URL.parse(api);
  return [
    ...(url === null || (url !== undefined && !/^https?:$/.test(url.protocol))
      ? ['--api: an address of https wanted']
      : []),
    ...(url !== undefined && url !== null && !maySend(url)
      ? [`--api: ${url.host} would be sent the token in the clear; https wanted`]
      : []),
    ...(kind === undefined
      ? [`--forge: ${forge.host} does not say what it is; one of ${forgeKinds.join(', ')} wanted`]
      : []),
    ...(token === undefined
      ? [
          `${tokenVariables(kind).join(' or ')}: is not set; a request needs the token of somebody who may open it`,
        ]
      : []),
  ];
}
