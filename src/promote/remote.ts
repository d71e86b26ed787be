// The address of a repository, and which forge is behind it.
import { pathToFileURL } from 'node:url';

export const forgeKinds = ['github', 'gitlab', 'bitbucket', 'bitbucket-server', 'gitea'] as const;

export type ForgeKind = (typeof forgeKinds)[number];

export interface Remote {
  /** As git takes it. Never with a password: such an address is refused. */
  readonly url: string;
  /** Where git asks over HTTP, as `https://host`; absent where it does not. */
  readonly origin?: string;
  /** Of a forge; absent where the repository is on this machine. */
  readonly forge?: {
    /** Absent where the host does not say it. */
    readonly kind?: ForgeKind;
    /** With its port, which is SSH's no web server's. */
    readonly host: string;
    /** Owner, groups, project and repository. */
    readonly path: readonly string[];
  };
}

/** Reads an address; or says what is wrong with it. */
export function remoteOf(address: string): Remote | string {
  if (isFolder(address)) return { url: pathToFileURL(address).href };
  const scp = /^(?:([\w.-]+)@)?([\w.-]+):(?!\/\/)([\w~./-]+)$/.exec(address);
  const url = scp === null ? URL.parse(address) : URL.parse(`ssh://${scp[1] ?? 'git'}@${scp[2]}/${scp[3]}`);
  if (url === null || address.startsWith('-')) return `${shown(address)}: ${wanted}`;
  if (url.protocol === 'file:') return { url: url.href };
  if (!['https:', 'http:', 'ssh:'].includes(url.protocol)) return `${shown(address)}: ${wanted}`;
  if (url.password !== '' || (url.protocol !== 'ssh:' && url.username !== ''))
    return `${url.host}: the address holds a user or password; put the token into GIT_TOKEN`;
  if (url.search !== '' || url.hash !== '') return `${url.host}${url.pathname}: an address has no ? or #`;
  const path = url.pathname.split('/').filter((part) => part !== '');
  const last = path.pop()?.replace(/\.git$/, '') ?? '';
  if (path.length === 0 || last === '') return `${url.host}${url.pathname}: OWNER/REPOSITORY is missing`;
  const isSsh = url.protocol === 'ssh:';
  const kind = kindOf(url.hostname);
  return {
    url: scp === null ? url.href : address,
    ...(isSsh ? {} : { origin: url.origin }),
    forge: {
      host: isSsh ? `https://${url.hostname}` : url.origin,
      path: [...path.map(decodeURIComponent), decodeURIComponent(last)],
      ...(kind === undefined ? {} : { kind }),
    },
  };
}

/** True of what stands on this machine. */
export function isFolder(address: string): boolean {
  return !address.includes(':') && !address.startsWith('-');
}

const wanted = 'a folder or an address of https, ssh or file wanted';

/** Whatever it is, it may hold a password. */
function shown(address: string): string {
  return address.replace(/\/\/[^/@]*@/, '//').slice(0, 200);
}

function kindOf(host: string): ForgeKind | undefined {
  const [first = ''] = host.split('.');
  if (host === 'bitbucket.org') return 'bitbucket';
  if (host === 'codeberg.org' || first === 'forgejo') return 'gitea';
  const named = {
    github: 'github',
    gitlab: 'gitlab',
    bitbucket: 'bitbucket-server',
    gitea: 'gitea',
  } as const;
  return Object.hasOwn(named, first) ? named[first as keyof typeof named] : undefined;
}
