// A real control plane as the observations see it: a namespace of its own for each.
import { readFileSync } from 'node:fs';
import { Agent, createServer, request } from 'node:https';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncomingMessage } from 'node:http';
import type { KubeObject, Resource } from '../../src/kube/objects.ts';
import { numberAt, objectAt } from '../../src/routing/json.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { createAuthority } from '../rig/authority.ts';
import type { ControlPlane } from '../rig/control-plane.ts';
import { until } from '../rig/processes.ts';
import { kinds } from '../sim/api/kinds.ts';
import type { Admission } from '../sim/api/types.ts';
import { clusterOn } from './basics.ts';
import type { Ask, Cluster, Line, Said } from './cluster.ts';

const quietMs = 700;
/** Many observe at once on a machine that others use too. */
const patience = { timeoutMs: 60_000, everyMs: 150 };
const mimeTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  apply: 'application/apply-patch+yaml',
} as const;
const methods = {
  get: 'GET',
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  update: 'PUT',
  patch: 'PATCH',
  delete: 'DELETE',
};
/** What controllers write while they do their part. */
const followed = ['deployments', 'replicaSets', 'pods', 'endpointSlices'] as const;

/** Makes clusters, one for each namespace, on one control plane. */
export class RealClusters {
  readonly #plane: ControlPlane;
  readonly #agent: Agent;
  /** Every version of what controllers write, as it came. */
  readonly #seen: { readonly plural: string; readonly object: KubeObject }[] = [];
  /** By namespace: when one of those came last. */
  readonly #lastWrites = new Map<string, number>();
  readonly #abort = new AbortController();
  readonly #servers: ReturnType<typeof createServer>[] = [];

  constructor(plane: ControlPlane) {
    this.#plane = plane;
    const { users } = JSON.parse(readFileSync(plane.kubeconfigPath, 'utf8')) as {
      users: [{ user: { 'client-certificate-data': string; 'client-key-data': string } }];
    };
    const decoded = (data: string): string => Buffer.from(data, 'base64').toString();
    const { user } = users[0];
    this.#agent = new Agent({
      keepAlive: true,
      ca: plane.caPem,
      cert: decoded(user['client-certificate-data']),
      key: decoded(user['client-key-data']),
    });
    for (const kind of followed) this.#follow(kinds[kind]);
  }

  #follow(resource: Resource): void {
    const see = (object: KubeObject): void => {
      this.#seen.push({ plural: resource.plural, object });
      this.#lastWrites.set(object.metadata.namespace ?? '', Date.now());
    };
    this.#plane.api.follow<KubeObject & { metadata: { name: string; uid: string; resourceVersion: string } }>(
      `${rootOf(resource)}/${resource.plural}`,
      { list: (items) => items.forEach(see), change: (_, object) => see(object) },
      this.#abort.signal,
    );
  }

  /** A cluster whose namespace is made now. */
  async open(namespace: string): Promise<Cluster> {
    await this.#plane.api.create('/api/v1/namespaces', { metadata: { name: namespace } });
    await until('the service account of the namespace', () =>
      this.#plane.api.get(`/api/v1/namespaces/${namespace}/serviceaccounts/default`),
    );
    const kubectl = async (line: string) => {
      const { code, stdout, stderr } = await this.#plane.kubectl([
        ...line.split(' '),
        `--namespace=${namespace}`,
      ]);
      return { code, stdout, stderr };
    };
    return clusterOn({
      namespace,
      ask: (ask) => this.#ask(namespace, ask),
      watch: (resource, query, isEnough) => this.#watch(namespace, resource, query, isEnough),
      follow: (resource) => this.#versions(namespace, resource),
      until: (what, probe) => until(what, probe, patience),
      quiet: () => this.#quiet(namespace),
      pass: (ms) => sleep(ms),
      rolloutStatus: (name) => kubectl(`rollout status deployment/${name} --watch=false`),
      rolloutUndo: (name) => kubectl(`rollout undo deployment/${name}`),
      serveWebhook: (answer) => this.#serve(namespace, answer),
    });
  }

  close(): void {
    this.#abort.abort();
    for (const server of this.#servers) {
      server.closeAllConnections();
      server.close();
    }
    this.#agent.destroy();
  }

  #send(
    method: string,
    path: string,
    body?: string,
    headers: Record<string, string> = {},
  ): Promise<IncomingMessage> {
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    return new Promise((resolve, reject) => {
      const options = { agent: this.#agent, host: '127.0.0.1', port: this.#plane.port, method, path };
      const sent = request(
        { ...options, headers: { 'user-agent': 'contract', ...length, ...headers } },
        resolve,
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  async #ask(home: string, { verb, resource, name, subresource, patchType, as, ...ask }: Ask): Promise<Said> {
    const { namespace = home, body, query = {} } = ask;
    const inNamespace = resource.namespaced ? `/namespaces/${namespace}` : '';
    const names = [resource.plural, name, subresource].filter((part) => part !== undefined).join('/');
    const search = new URLSearchParams(query).toString();
    const path = `${rootOf(resource)}${inNamespace}/${names}${search === '' ? '' : `?${search}`}`;
    const response = await this.#send(
      methods[verb],
      path,
      body === undefined ? undefined : JSON.stringify(body),
      {
        'content-type': patchType === undefined ? 'application/json' : mimeTypes[patchType],
        ...(as === undefined ? {} : { 'impersonate-user': as, 'impersonate-group': 'system:masters' }),
      },
    );
    const warnings = [response.headers['warning'] ?? []].flat().flatMap((header) => warningsIn(header));
    return {
      status: response.statusCode ?? 0,
      body: JSON.parse(await text(response)) as JsonObject,
      warnings,
    };
  }

  async #watch(
    namespace: string,
    resource: Resource,
    query: Readonly<Record<string, string>>,
    isEnough: (lines: readonly Line[]) => boolean,
  ): Promise<readonly Line[]> {
    const search = new URLSearchParams({ watch: 'true', ...query }).toString();
    const path = `${rootOf(resource)}/namespaces/${namespace}/${resource.plural}?${search}`;
    const response = await this.#send('GET', path);
    if ((response.statusCode ?? 0) >= 300) {
      return [{ type: 'ERROR', object: JSON.parse(await text(response)) as JsonObject }];
    }
    const lines: Line[] = [];
    for await (const line of createInterface({ input: response })) {
      lines.push(JSON.parse(line) as Line);
      if (isEnough(lines)) break;
    }
    response.destroy();
    return lines;
  }

  async #versions(namespace: string, resource: Resource): Promise<() => readonly KubeObject[]> {
    const { body } = await this.#ask(namespace, { verb: 'list', resource });
    const from = versionOf(body);
    return () =>
      this.#seen
        .filter(({ plural, object }) => plural === resource.plural && object.metadata.namespace === namespace)
        .map(({ object }) => object)
        .filter((object) => versionOf(object) > from);
  }

  async #quiet(namespace: string): Promise<void> {
    const since = Date.now();
    await until(
      'quiet',
      async () => {
        if (Math.max(since, this.#lastWrites.get(namespace) ?? 0) + quietMs > Date.now()) return false;
        const { body } = await this.#ask(namespace, { verb: 'list', resource: kinds.deployments });
        return (body['items'] as readonly KubeObject[]).every(
          (object) => numberAt(object['status'], 'observedGeneration') === object.metadata.generation,
        );
      },
      patience,
    );
  }

  /** Behind a Service of the namespace, at an address of the rig. */
  async #serve(namespace: string, answer: Admission): Promise<JsonObject> {
    const authority = createAuthority('contract');
    const { certPem, keyPem } = authority.issue({ commonName: 'hook', hosts: [`hook.${namespace}.svc`] });
    const address = `10.244.250.${this.#servers.length + 1}`;
    const server = createServer({ cert: certPem, key: keyPem }, (asked, response) => {
      void text(asked)
        .then((review) => answer(JSON.parse(review) as JsonObject))
        .then((said) => {
          if (said === undefined) return;
          response.writeHead(said.status, { 'content-type': 'application/json' }).end(said.body);
        });
    });
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(8443, address, resolve));
    const create = (resource: Resource, body: JsonObject): Promise<Said> =>
      this.#ask(namespace, { verb: 'create', resource, body });
    const ports = [{ name: '', protocol: 'TCP', port: 8443 }];
    await create(kinds.services, {
      metadata: { name: 'hook' },
      spec: { ports: [{ port: 443, targetPort: 8443 }] },
    });
    await create(kinds.endpointSlices, {
      metadata: { name: 'hook', labels: { 'kubernetes.io/service-name': 'hook' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [address], conditions: { ready: true } }],
      ports,
    });
    const caBundle = Buffer.from(authority.certPem).toString('base64');
    return { service: { namespace, name: 'hook' }, caBundle };
  }
}

function rootOf({ group, version }: Resource): string {
  return group === '' ? `/api/${version}` : `/apis/${group}/${version}`;
}

function versionOf(object: JsonObject): number {
  return Number(objectAt(object, 'metadata')['resourceVersion']);
}

/** The texts of a Warning header (RFC 7234): `299 - "text", 299 - "text"`. */
function warningsIn(header: string): string[] {
  return [...header.matchAll(/299 - "((?:[^"\\]|\\.)*)"/g)].map(([, said = '']) =>
    said.replaceAll('\\"', '"'),
  );
}
