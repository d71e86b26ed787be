// A forge on a real socket: git over HTTP by git's own http-backend, and the API of one kind of forge. What it is asked must
// keep to the forge's documents (the schemas beside this file), and so does what it answers.
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import { Ajv, type ValidateFunction } from 'ajv';
import type { ForgeKind } from '../../../src/promote/remote.ts';
import { type Home, here, type Repository } from '../repositories.ts';
import { apis } from './apis.ts';

export const secret = 'glpat-S3cretS3cret';

/** A request that was opened. */
export interface Opened {
  readonly number: number;
  readonly branch: string;
  readonly base: string;
  readonly title: string;
  state: 'open' | 'merged' | 'closed';
  /** What keeps it from being merged; absent: nothing. */
  blocked?: string;
}

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** What an API knows and can do. */
export interface World {
  readonly url: string;
  readonly repository: Repository;
  readonly requests: Opened[];
  readonly open: (branch: string, base: string, title: string) => Opened;
  readonly merge: (request: Opened) => void;
  readonly headOf: (branch: string) => string;
}

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** Which schema the body that came, and the one that goes, have to keep to. */
  readonly asked?: string;
  readonly answered?: string;
}

/** One kind of API; undefined for what it does not have. */
export type Api = (asked: Asked, world: World) => Answer | undefined;

export interface ForgeServer extends World {
  /** The address of the repository, as people give it. */
  readonly repo: string;
  /** Every call of the API, as `GET /path`, and what of it was not as documented. */
  readonly calls: string[];
  readonly wrong: string[];
  /** Answers the next calls with that status. */
  readonly failing: number[];
  /** Is told of each call before it is answered. */
  onCall: (call: string) => void;
  /** Credentials that git gave. */
  readonly gitUsers: Set<string>;
}

interface Kind {
  /** Before owner and repository in the address. */
  readonly below: string;
  readonly api: string;
  readonly authorization: string;
}

const kinds: Readonly<Record<ForgeKind, Kind>> = {
  github: { below: '', api: '/api/v3', authorization: `Bearer ${secret}` },
  gitlab: { below: '', api: '/api/v4', authorization: `Bearer ${secret}` },
  bitbucket: { below: '', api: '/2.0', authorization: `Bearer ${secret}` },
  'bitbucket-server': { below: '/scm', api: '/rest/api/latest', authorization: `Bearer ${secret}` },
  gitea: { below: '', api: '/api/v1', authorization: `token ${secret}` },
};

/** Starts one for the repository; it ends with the test. */
export async function forgeServer(
  t: TestContext,
  kind: ForgeKind,
  of: Home,
  repository: Repository,
): Promise<ForgeServer> {
  const { below, api, authorization } = kinds[kind];
  const check = checks(kind);
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://forge');
    if (url.pathname.startsWith(api)) void answer(request, url, response);
    else if (isGit(url.pathname)) gitBackend(of, request, url, response);
    else response.writeHead(404).end();
  });
  const gitUsers = new Set<string>();
  const [calls, wrong, failing]: [string[], string[], number[]] = [[], [], []];

  const isGit = (path: string): boolean => path.startsWith(`${below}/acme/env.git/`);
  const answer = async (request: IncomingMessage, url: URL, response: ServerResponse): Promise<void> => {
    const text = await textOf(request);
    const path = url.pathname.slice(api.length);
    const said = (status: number, body: unknown): void => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    };
    const call = `${request.method} ${path}`;
    calls.push(call);
    forge.onCall(call);
    if (request.headers.authorization !== authorization)
      return said(401, { message: `bad credentials: ${request.headers.authorization}` });
    const failed = failing.shift();
    if (failed !== undefined) return said(failed, { message: `come back later, ${secret}` });
    const body: unknown = text === '' ? undefined : JSON.parse(text);
    const asked = { method: request.method ?? '', path, query: url.searchParams, body };
    const found = apis[kind](asked, world);
    if (found === undefined) wrong.push(`${asked.method} ${path}: no such call`);
    if (found?.asked !== undefined)
      wrong.push(...check(found.asked, body).map((why) => `${path} asked: ${why}`));
    if (found?.answered !== undefined)
      wrong.push(...check(found.answered, found.body).map((why) => `${path} answered: ${why}`));
    said(found?.status ?? 404, found?.body ?? { message: 'not found' });
  };

  const gitBackend = (by: Home, request: IncomingMessage, url: URL, response: ServerResponse): void => {
    const basic = Buffer.from(request.headers.authorization?.slice(6) ?? '', 'base64').toString('utf8');
    if (!basic.endsWith(`:${secret}`))
      return void response.writeHead(401, { 'www-authenticate': 'Basic realm="forge"' }).end();
    gitUsers.add(basic.slice(0, -secret.length - 1));
    const child = spawn('git', ['http-backend'], {
      env: {
        ...by.env,
        ...{
          GIT_PROJECT_ROOT: by.folder,
          GIT_HTTP_EXPORT_ALL: '1',
          REMOTE_USER: 'ann',
          REQUEST_METHOD: request.method ?? '',
        },
        ...{ PATH_INFO: url.pathname.slice(below.length), QUERY_STRING: url.search.slice(1) },
        ...{
          CONTENT_TYPE: request.headers['content-type'] ?? '',
          HTTP_CONTENT_ENCODING: request.headers['content-encoding'] ?? '',
        },
        ...(request.headers['git-protocol'] === undefined
          ? {}
          : { GIT_PROTOCOL: String(request.headers['git-protocol']) }),
      },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    child.stdin.on('error', () => undefined);
    request.pipe(child.stdin);
    void bytesOf(child.stdout).then((said) => {
      const end = said.indexOf('\r\n\r\n');
      const headers = said
        .subarray(0, end)
        .toString('utf8')
        .split('\r\n')
        .map((each) => each.split(': ') as [string, string]);
      const status = headers.find(([name]) => name === 'Status')?.[1] ?? '200';
      response.writeHead(
        Number.parseInt(status, 10),
        Object.fromEntries(headers.filter(([name]) => name !== 'Status')),
      );
      response.end(said.subarray(end + 4));
    });
  };

  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  );
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const world: World = worldOf(url, repository);
  const forge: ForgeServer = {
    ...world,
    onCall: () => undefined,
    repo: `${url}${below}/acme/env.git`,
    calls,
    wrong,
    failing,
    gitUsers,
  };
  return forge;
}

function worldOf(url: string, repository: Repository): World {
  const requests: Opened[] = [];
  return {
    url,
    repository,
    requests,
    open: (branch, base, title) => {
      const request: Opened = { number: 7 + requests.length, branch, base, title, state: 'open' };
      requests.push(request);
      return request;
    },
    merge: (request) => {
      repository.git('update-ref', `refs/heads/${request.base}`, `refs/heads/${request.branch}`);
      request.state = 'merged';
    },
    headOf: (branch) => repository.git('rev-parse', `refs/heads/${branch}`)[0] ?? '',
  };
}

/** Answers what is wrong with a value, by a schema of that forge's documents. */
function checks(kind: ForgeKind): (name: string, value: unknown) => readonly string[] {
  const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
  const { definitions } = JSON.parse(here(`forges/${kind}.json`)) as {
    definitions: Readonly<Record<string, object>>;
  };
  const compiled = new Map<string, ValidateFunction>();
  return (name, value) => {
    const schema = definitions[name];
    if (schema === undefined) throw new Error(`forges/${kind}.json has no ${name}`);
    const validate = compiled.get(name) ?? ajv.compile(schema);
    compiled.set(name, validate);
    return validate(value) ? [] : ajv.errorsText(validate.errors).split(', ');
  };
}

async function bytesOf(stream: AsyncIterable<unknown>): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk as Uint8Array);
  return Buffer.concat(chunks);
}

async function textOf(stream: AsyncIterable<unknown>): Promise<string> {
  return (await bytesOf(stream)).toString('utf8');
}
