// Names of hosts as Istio reads them.

const domain = 'svc.cluster.local';

/** A name as it is written in an object of `namespace`: without a dot it is a Service there (ResolveShortnameToFQDN). */
export function fullHost(host: string, namespace: string): string {
  return host.includes('.') || host === '*' ? host : `${host}.${namespace}.${domain}`;
}

/** The names a client may call a host by in the mesh: sidecars know a Service by `name.namespace` too. */
export function calledBy(host: string): readonly string[] {
  return [host, `${host}.${domain}`, `${host}.cluster.local`];
}

/** Finds what is said of a host: of itself first, then of the longest wildcard that covers it. */
export function hostEntry<T>(entries: ReadonlyMap<string, T>, host: string): T | undefined {
  const own = entries.get(host);
  if (own !== undefined) return own;
  for (let dot = host.indexOf('.'); dot !== -1; dot = host.indexOf('.', dot + 1)) {
    const wild = entries.get(`*${host.slice(dot)}`);
    if (wild !== undefined) return wild;
  }
  return entries.get('*');
}
