import { SerinError } from '../errors.ts';
import { type Answer, type Failed, type RangeAnswer, readAnswer, readRange } from './answers.ts';
import { basicAuth, type Credentials, hidden, noCredentials } from './credentials.ts';
import { createExchange, type ExchangeOptions, reasonOf, type Request, usualTimeoutMs } from './exchange.ts';
import { fixedKeys, type Keys } from './keys.ts';

export interface PrometheusOptions extends ExchangeOptions {
  /**
   * Where the API is, without `/api/v1`; a path before it and a query are kept (Mimir, VictoriaMetrics, Thanos). A user
   * and password in it are sent as a header and never shown.
   */
  readonly url: string;
  /** What is sent beside, and by what the server is trusted. */
  readonly keys?: Keys;
}

/** Asks instant queries; what goes wrong is an answer too. */
export interface Ask {
  now(query: string): Promise<Answer>;
  /** A range selector: its raw samples. */
  samples(query: string): Promise<RangeAnswer>;
}

/** A way to ask the Prometheus API at `url`; throws CONFIG_INVALID where that is no URL of http or https. */
export function createAsk({ url, keys = fixedKeys(noCredentials), ...options }: PrometheusOptions): Ask {
  const endpoint = endpointOf(url, options.timeoutMs ?? usualTimeoutMs);
  const inUrl = credentialsOf(url);
  const exchange = createExchange(options);
  const where = `Prometheus at ${endpoint.origin}${endpoint.pathname}`;

  const asking = async <T>(query: string, read: (status: number, body: string) => T): Promise<T | Failed> => {
    const failed = (why: string): Failed => ({ kind: 'error', why: `${where}: ${why}` });
    let credentials = await keys.current();
    if ('kind' in credentials) return failed(credentials.why);
    try {
      const request = queryRequest(endpoint, query);
      let heard = await exchange(request, both(inUrl, credentials));
      const newer = isRefusal(heard.status) ? await keys.newerThan(credentials) : undefined;
      if (newer !== undefined) {
        credentials = newer;
        heard = await exchange(request, both(inUrl, credentials));
      }
      const answer = read(heard.status, heard.body);
      if (!isFailed(answer)) return answer;
      // Before it is cut to a line: a secret that is cut is not found.
      const told = read(heard.status, hidden(heard.body, both(inUrl, credentials)));
      return failed(isFailed(told) ? told.why : answer.why);
    } catch (error: unknown) {
      return failed(hidden(reasonOf(error), both(inUrl, credentials)));
    }
  };
  return {
    now: (query) => asking(query, readAnswer),
    samples: (query) => asking(query, readRange),
  };
}

/** Proxies on the way take no longer addresses for granted than this. */
const longestQuery = 2048;

/** An instant query as the API takes it: by its address, or as a form where it is long. */
export function queryRequest(endpoint: URL, query: string): Request {
  const url = new URL(endpoint);
  const headers = { accept: 'application/json' };
  const form = new URLSearchParams({ query }).toString();
  if (form.length > longestQuery) {
    const posted = { ...headers, 'content-type': 'application/x-www-form-urlencoded' };
    return { url, method: 'POST', headers: posted, body: form };
  }
  url.searchParams.set('query', query);
  return { url, method: 'GET', headers };
}

/** Where queries go; throws CONFIG_INVALID, without telling `text`, where it is no URL of http or https. */
export function endpointOf(text: string, timeoutMs: number): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol)) {
    throw new SerinError('CONFIG_INVALID', 'the address of Prometheus is not a URL of http or https');
  }
  url.username = '';
  url.password = '';
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/api/v1/query`;
  url.searchParams.set('timeout', `${timeoutMs}ms`); // else it goes on computing what nobody waits for
  return url;
}

function isFailed(answer: unknown): answer is Failed {
  return typeof answer === 'object' && answer !== null && 'kind' in answer && answer.kind === 'error';
}

function isRefusal(status: number): boolean {
  return status === 401 || status === 403;
}

function credentialsOf(text: string): Credentials {
  const { username, password } = new URL(text);
  if (username === '' && password === '') return noCredentials;
  const secret = decodeURIComponent(password);
  const authorization = basicAuth(decodeURIComponent(username), secret);
  return { headers: { authorization }, secrets: [authorization, secret] };
}

/** What the Secret says outranks what the address says. */
function both(one: Credentials, over: Credentials): Credentials {
  return {
    ...over,
    headers: { ...one.headers, ...over.headers },
    secrets: [...one.secrets, ...over.secrets],
  };
}
