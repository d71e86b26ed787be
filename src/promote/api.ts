// One way to ask the API of a forge: limited in time and size, redirects not followed, nothing secret in what is told.
import type { Clock } from '../clock.ts';
import { parseJson } from '../config/json.ts';
import { line, withoutSecrets } from '../gates/shown.ts';
import { exit } from '../plugin/verb.ts';
import { createExchange, type Fetch, reasonOf } from '../prometheus/exchange.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isList, isObject, textAt } from '../routing/json.ts';
import { Stop } from './stop.ts';
import type { Token } from './token.ts';

interface Answer {
  readonly status: number;
  readonly json: Json;
  /** What the forge says, in one line that may be shown. */
  readonly said: string;
}

export interface Api {
  /** The answer, whatever its status below 500; throws Stop where there is none, or the token may not. */
  ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: JsonObject): Promise<Answer>;
  /** The JSON of a good answer; throws Stop for any other, `doing` begins the message. */
  does(doing: string, method: 'GET' | 'POST' | 'PUT', path: string, body?: JsonObject): Promise<Json>;
}

export interface ApiOptions {
  readonly clock: Clock;
  readonly fetch: Fetch;
  /** Without a slash at its end. */
  readonly base: string;
  readonly token: Token;
}

const timeoutMs = 20_000;
const mostBytes = 4 * 1024 * 1024;
/** A question may be asked again; what changes something may not. */
const triesOfQuestions = 3;
const pauseMs = 1_000;

/** The API at `base`. */
export function createApi(options: ApiOptions): Api {
  const once = asking(options);
  const ask: Api['ask'] = async (method, path, body) => {
    for (let tried = 1; ; tried += 1)
      try {
        return await once(method, path, body);
      } catch (error) {
        const isPassing = error instanceof Stop && error.code === exit.undecided;
        if (method !== 'GET' || !isPassing || tried === triesOfQuestions) throw error;
        await options.clock.sleep(pauseMs * tried);
      }
  };
  return {
    ask,
    does: async (doing, method, path, body) => {
      const { status, json, said } = await ask(method, path, body);
      if (status >= 200 && status < 300) return json;
      const hint = status === 404 ? '; is it there, and may the token see it?' : '';
      throw new Stop(`${doing}: answered ${status}: ${said}${hint}`);
    },
  };
}

function asking({ clock, fetch, base, token }: ApiOptions): Api['ask'] {
  const exchange = createExchange({ clock, fetch, timeoutMs, mostBytes });
  const host = URL.parse(base)?.host ?? base;
  const shown = (text: string): string => line(withoutSecrets(text, token.secrets));
  return async (method, path, body) => {
    const headers = {
      ...{ accept: 'application/json', 'user-agent': 'serin', 'x-atlassian-token': 'no-check' },
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    };
    const request = { url: new URL(base + path), method, headers };
    const heard = await exchange(body === undefined ? request : { ...request, body: JSON.stringify(body) }, {
      headers: token.headers,
      secrets: token.secrets,
    }).catch((error: unknown) => {
      throw new Stop(`${host} cannot be asked: ${shown(reasonOf(error))}`, exit.undecided);
    });
    const { status } = heard;
    const said = shown(messageIn(heard.body));
    const answered = `${host} answered ${status}: ${said}`;
    if (status === 429 || status >= 500) throw new Stop(answered, exit.undecided);
    if (status === 401 || status === 403) throw new Stop(`${answered}; the token may not do that`);
    if (status >= 300 && status < 400) throw new Stop(`${answered}; it is elsewhere, --api says where`);
    return { status, json: (parseJson(heard.body) ?? null) as Json, said };
  };
}

/** What an answer says for people: each forge has its own place for it. */
function messageIn(body: string): string {
  const json = parseJson(body) as Json | undefined;
  if (!isObject(json)) return body;
  const errors = json['errors'];
  const first = isList(errors) ? errors[0] : undefined;
  const inner = isObject(json['error']) ? textAt(json['error'], 'message') : textAt(json, 'error');
  const message = json['message'];
  const listed = isList(message) ? message.filter((each) => typeof each === 'string').join(', ') : undefined;
  const said = [textAt(json, 'message') ?? listed, inner, textAt(first, 'message')];
  return said.filter((each) => each !== undefined).join(': ') || body;
}
