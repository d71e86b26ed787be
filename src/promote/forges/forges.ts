// Every forge, and where its API is.
import type { Forge, OpenForge } from '../forge.ts';
import { type ApiOptions, createApi } from '../api.ts';
import type { ForgeKind, Remote } from '../remote.ts';
import { bitbucket } from './bitbucket.ts';
import { bitbucketServer } from './bitbucket-server.ts';
import { gitea } from './gitea.ts';
import { github } from './github.ts';
import { gitlab } from './gitlab.ts';

interface Known {
  readonly open: OpenForge;
  readonly base: (host: string) => string;
}

const known: Readonly<Record<ForgeKind, Known>> = {
  github: {
    open: github,
    base: (host) => (host === 'https://github.com' ? 'https://api.github.com' : `${host}/api/v3`),
  },
  gitlab: { open: gitlab, base: (host) => `${host}/api/v4` },
  bitbucket: { open: bitbucket, base: () => 'https://api.bitbucket.org/2.0' },
  'bitbucket-server': { open: bitbucketServer, base: (host) => `${host}/rest/api/latest` },
  gitea: { open: gitea, base: (host) => `${host}/api/v1` },
};

/** The forge of a repository; `api` is where it is asked, where that is not the usual place. */
export function openForge(
  kind: ForgeKind,
  remote: Remote,
  { api, ...options }: Omit<ApiOptions, 'base'> & { readonly api?: string },
): Forge {
  const { open, base } = known[kind];
  const { host = '', path = [] } = remote.forge ?? {};
  return open(createApi({ ...options, base: (api ?? base(host)).replace(/\/+$/, '') }), path);
}
