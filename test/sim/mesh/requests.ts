// What a simulated request is like, by how its load is called: `host/path#name=value`.

export interface Request {
  readonly host: string;
  readonly path: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
}

/** What the cookie header of a user is who came back: whatever cookie a route asks for, they have been given it. */
export const anyCookie = '(any cookie)';

/** Requests of a load. `#returning=yes` are those of users who have the cookie of the trial that is on. */
export function requestOf(asked: string): Request {
  const [address = '', header = ''] = asked.split('#');
  const [name = '', value = ''] = header.split('=');
  const slash = address.indexOf('/');
  const [host, path] = slash === -1 ? [address, '/'] : [address.slice(0, slash), address.slice(slash)];
  const headers = new Map(
    header === '' ? [] : name === 'returning' ? [['cookie', anyCookie]] : [[name.toLowerCase(), value]],
  );
  return { host, path, headers };
}

/** The load as outcomes are told of it: of which host and path, whoever asked. */
export function addressOf(asked: string): string {
  const [address = ''] = asked.split('#');
  return address;
}
