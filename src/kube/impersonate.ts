import type { Transport } from './transport.ts';

/** In whose name the API server is asked, where whoever asks may. */
export interface Impersonated {
  readonly user: string;
  readonly groups: readonly string[];
}

/** The transport whose every request is made as somebody else. */
export function impersonating(transport: Transport, { user, groups }: Impersonated): Transport {
  const as = {
    'Impersonate-User': user,
    ...(groups.length === 0 ? {} : { 'Impersonate-Group': groups }),
  };
  return { send: (request) => transport.send({ ...request, headers: { ...request.headers, ...as } }) };
}
