import { lookup } from 'node:dns';
import http from 'node:http';
import https from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Fetch } from './exchange.ts';
import { isOwnMachine } from './reach.ts';

type Init = Parameters<Fetch>[1];
type Reply = Awaited<ReturnType<Fetch>>;

/**
 * `fetch` for metric sources: unlike the global one it takes a CA and a client certificate, does not follow redirects
 * and can be kept from Serin's own machine. Connections are kept, apart for each CA and certificate.
 */
export function createHttpsFetch(): Fetch {
  // Apart also by what they may reach: a connection that is kept is not looked up again.
  const [anywhere, outside] = [agents(), agents()];
  return (url, init) => {
    const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
    if (init.onlyOutside === true && isOwnMachine(host)) return Promise.reject(notOutside(host));
    return exchange(url, init, init.onlyOutside === true ? outside : anywhere);
  };
}

interface Agents {
  readonly 'http:': http.Agent;
  readonly 'https:': https.Agent;
}

function agents(): Agents {
  return { 'http:': new http.Agent({ keepAlive: true }), 'https:': new https.Agent({ keepAlive: true }) };
}

function exchange(url: URL, init: Init, of: Agents): Promise<Reply> {
  const { method, headers, body, signal, tls } = init;
  const secure = url.protocol === 'https:';
  const options: https.RequestOptions = {
    ...{ method, signal, agent: of[secure ? 'https:' : 'http:'] },
    headers: { ...headers, ...(body === undefined ? {} : { 'content-length': Buffer.byteLength(body) }) },
    ...(init.onlyOutside === true ? { lookup: lookupOutside } : {}),
    ...(secure ? tls : {}),
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? https : http).request(url, options, (answer) => {
      const retryAfter = answer.headers['retry-after'];
      const asked = retryAfter === undefined ? {} : { retryAfter };
      resolve({ status: answer.statusCode ?? 0, body: answer, ...asked });
    });
    request.on('error', (error) => {
      // The other side closed a kept connection just as it was used: it has not seen the question.
      if (request.reusedSocket && 'code' in error && error.code === 'ECONNRESET' && !signal.aborted)
        return resolve(exchange(url, init, of));
      reject(error);
    });
    request.end(body);
  });
}

/** The usual look-up, but a name that is given to Serin's own machine has no address. */
const lookupOutside: LookupFunction = (host, options, callback) => {
  lookup(host, options, (error, address, family) => {
    const all = typeof address === 'string' ? [address] : (address ?? []).map((each) => each.address);
    if (error === null && all.some(isOwnMachine)) return callback(notOutside(host), '', 0);
    callback(error, address, family);
  });
};

function notOutside(host: string): Error {
  return new Error(`${host} is Serin’s own machine, which a plan may not ask`);
}
