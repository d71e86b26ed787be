import type { Clock } from '../clock.ts';
import type { Request, Response, Transport } from './transport.ts';

/** A call of the API server as it ended: whose names there are is bounded by the kinds that Serin knows. */
export interface CallTold {
  readonly verb: 'get' | 'list' | 'watch' | 'create' | 'patch' | 'delete';
  /** The plural, with its subresource where it has one: `deployments/scale`. */
  readonly resource: string;
  /** The status, or `none` where there was no answer. */
  readonly code: string;
  /** Until the answer began. */
  readonly tookMs: number;
}

/** The same transport, which tells of each exchange once its answer begins. */
export function counted(transport: Transport, clock: Clock, told: (call: CallTold) => void): Transport {
  return {
    async send(request) {
      const sentAt = clock.now();
      const tell = (code: string): void =>
        told({ ...calledBy(request), code, tookMs: Math.max(0, clock.now() - sentAt) });
      let response: Response;
      try {
        response = await transport.send(request);
      } catch (error) {
        tell('none');
        throw error;
      }
      tell(String(response.status));
      return response;
    },
  };
}

const verbs = { POST: 'create', PATCH: 'patch', DELETE: 'delete' } as const;
/** `/api/v1` or `/apis/GROUP/VERSION`, perhaps a namespace, then the kind, a name and a subresource. */
const object =
  /^\/(?:api|apis\/[^/]+)\/[^/]+(?:\/namespaces\/[^/]+(?=\/))?\/([^/]+)(?:\/([^/]+)(?:\/([^/]+))?)?$/;

/** What is asked of which kind, as RBAC calls it. */
export function calledBy({
  method,
  path,
}: Pick<Request, 'method' | 'path'>): Pick<CallTold, 'verb' | 'resource'> {
  const [where = '', query = ''] = path.split('?', 2);
  const [, kind = 'other', name, subresource] = object.exec(where) ?? [];
  const resource = subresource === undefined ? kind : `${kind}/${subresource}`;
  if (method !== 'GET') return { verb: verbs[method], resource };
  if (name !== undefined) return { verb: 'get', resource };
  return { verb: new URLSearchParams(query).get('watch') === 'true' ? 'watch' : 'list', resource };
}
