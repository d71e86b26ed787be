// A forge on a real socket, as far as comments and statuses go. What it is asked must keep to the forge's documents (the
// addresses stand in src/chatops/{github,gitlab}.ts): path, method, and a body with these fields and no others.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text as textOf } from 'node:stream/consumers';
import type { TestContext } from 'node:test';
import { Ajv } from 'ajv';
import type { ForgeName } from '../../src/chatops/settings.ts';

export const token = 'ghp_S3cretS3cretS3cret';
export const shas = { head: 'a'.repeat(40), merge: 'b'.repeat(40) };

export interface Forge {
  readonly api: string;
  /** The comments as they are now, in their order. */
  readonly comments: string[];
  /** What became of commits and deployments, as `pending: why`. */
  readonly marks: string[];
  /** What was not as documented, or not with the token. */
  readonly wrong: string[];
  /** Answers the next calls with that status, and repeats the token. */
  readonly failing: number[];
  /** Comes back when `is` says so; it is asked after each call. */
  readonly until: (is: () => boolean) => Promise<void>;
}

type Body = { readonly [key: string]: unknown };
interface Call {
  readonly path: RegExp;
  /** What is taken; all of it but the `optional` is needed. */
  readonly takes?: Readonly<Record<string, object>>;
  readonly does: (body: Body, path: string) => readonly [status: number, answer: unknown];
}

interface ForgeOptions {
  readonly authorization?: string;
  readonly merged?: boolean;
  /** Calls that it has beside the usual ones. */
  readonly extra?: Readonly<Record<string, Call>>;
}

/** Of a status that nobody has asked for there is nothing to read. */
const optional = ['target_url', 'log_url'];
const string = { type: 'string', minLength: 1 };
const words = { type: 'string', maxLength: 140 };
const ajv = new Ajv({ strict: true, strictRequired: false });

/** A forge with pull or merge request 7 of acme/shop, that `authorization` may use. */
export async function forgeOf(
  t: TestContext,
  kind: ForgeName,
  { authorization = `Bearer ${token}`, merged = true, extra = {} }: ForgeOptions = {},
): Promise<Forge> {
  const waiting = new Set<() => void>();
  const comments: string[] = [];
  const marks: string[] = [];
  const [wrong, failing]: [string[], number[]] = [[], []];
  const calls = { ...callsOf(kind, merged, comments, marks), ...extra };
  const answerTo = async (request: IncomingMessage): Promise<readonly [number, unknown]> => {
    const text = await textOf(request);
    const { method = '', url: path = '' } = request;
    const failed = failing.shift();
    if (failed !== undefined) return [failed, { message: `come back later, ${token}` }];
    const name = Object.keys(calls).find((each) => each.startsWith(method) && calls[each]?.path.test(path));
    const call = name === undefined ? undefined : calls[name];
    if (call === undefined) {
      wrong.push(`${method} ${path}: no such call`);
      return [404, { message: 'Not Found' }];
    }
    if (request.headers.authorization !== authorization && !name?.includes('app')) {
      wrong.push(`${method} ${path}: ${request.headers.authorization}`);
      return [401, { message: 'Bad credentials' }];
    }
    const body = (text === '' ? {} : JSON.parse(text)) as Body;
    const takes = call.takes ?? {};
    const schema = {
      type: 'object',
      properties: takes,
      required: Object.keys(takes).filter((each) => !optional.includes(each)),
      additionalProperties: false,
    };
    if (!ajv.validate(schema, body)) wrong.push(`${method} ${path}: ${ajv.errorsText()}`);
    return call.does(body, path);
  };
  const server = createServer((request, response) => {
    void answerTo(request).then(([status, body]) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      for (const each of waiting) each();
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const until = (is: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!is()) return;
        waiting.delete(look);
        resolve();
      };
      waiting.add(look);
      look();
    });
  return {
    api: `${url}${kind === 'github' ? '/api/v3' : '/api/v4'}`,
    comments,
    marks,
    wrong,
    failing,
    until,
  };
}

function callsOf(
  kind: ForgeName,
  merged: boolean,
  comments: string[],
  marks: string[],
): Readonly<Record<string, Call>> {
  const say = (body: Body): readonly [number, unknown] => {
    const count = comments.push(String(body['body']));
    return [201, { id: count, node_id: `IC_${count}`, ...body }];
  };
  return kind === 'github' ? githubCalls(merged, say, comments, marks) : gitlabCalls(say, comments, marks);
}

function githubCalls(
  merged: boolean,
  say: Call['does'],
  comments: string[],
  marks: string[],
): Readonly<Record<string, Call>> {
  const deployments: number[] = [];
  const repo = '^/api/v3/repos/acme/shop';
  return {
    'GET pull': {
      path: new RegExp(`${repo}/pulls/7$`),
      does: () => [200, { number: 7, merged, merge_commit_sha: shas.merge, head: { sha: shas.head } }],
    },
    'POST comment': { path: new RegExp(`${repo}/issues/7/comments$`), takes: { body: string }, does: say },
    'POST edit': {
      path: /^\/api\/graphql$/,
      takes: {
        query: { type: 'string', pattern: '^mutation\\(.*updateIssueComment\\(input: \\{id: .*, body: ' },
        variables: {
          type: 'object',
          properties: { id: { type: 'string', pattern: '^IC_' }, body: string },
          required: ['id', 'body'],
        },
      },
      does: (body) => {
        const { id, body: text } = body['variables'] as { readonly id: string; readonly body: string };
        comments[Number(id.slice(3)) - 1] = text;
        return [200, { data: { updateIssueComment: { issueComment: { id } } } }];
      },
    },
    'POST status': {
      path: new RegExp(`${repo}/statuses/[0-9a-f]{40}$`),
      takes: {
        ...{ state: { enum: ['error', 'failure', 'pending', 'success'] }, description: words },
        ...{ context: { const: 'serin/canary' }, target_url: string },
      },
      does: (body, path) => {
        marks.push(`${path.slice(-40, -36)} ${String(body['state'])}: ${String(body['description'])}`);
        return [201, { id: 1, ...body }];
      },
    },
    'GET deployments': {
      path: new RegExp(`${repo}/deployments\\?sha=[0-9a-f]{40}&task=canary&environment=shop%2Fweb$`),
      does: () => [200, deployments.map((id) => ({ id }))],
    },
    'POST deployment': {
      path: new RegExp(`${repo}/deployments$`),
      takes: {
        ...{ ref: string, task: string, environment: string, description: words },
        ...{ auto_merge: { const: false }, required_contexts: { type: 'array', items: string } },
      },
      does: () => [201, { id: 40 + deployments.push(41 + deployments.length) }],
    },
    'POST deployment status': {
      path: new RegExp(`${repo}/deployments/41/statuses$`),
      takes: {
        state: { enum: ['error', 'failure', 'inactive', 'in_progress', 'queued', 'pending', 'success'] },
        ...{ description: words, environment: string, log_url: string },
      },
      does: (body) => {
        marks.push(`deployment 41 ${String(body['state'])}`);
        return [201, { id: 1 }];
      },
    },
  };
}

function gitlabCalls(say: Call['does'], comments: string[], marks: string[]): Readonly<Record<string, Call>> {
  const project = '^/api/v4/projects/acme%2Fshop';
  return {
    'GET request': {
      path: new RegExp(`${project}/merge_requests/7$`),
      does: () => [
        200,
        { iid: 7, sha: shas.head, merge_commit_sha: shas.merge, squash_commit_sha: null, state: 'merged' },
      ],
    },
    'POST note': {
      path: new RegExp(`${project}/merge_requests/7/notes$`),
      takes: { body: string },
      does: say,
    },
    'PUT note': {
      path: new RegExp(`${project}/merge_requests/7/notes/\\d+$`),
      takes: { body: string },
      does: (body, path) => {
        comments[Number(path.split('/').pop()) - 1] = String(body['body']);
        return [200, { id: 1, ...body }];
      },
    },
    'POST status': {
      path: new RegExp(`${project}/statuses/[0-9a-f]{40}$`),
      takes: {
        state: { enum: ['pending', 'running', 'success', 'failed', 'canceled', 'skipped'] },
        ...{ name: string, description: words, target_url: string },
      },
      does: (body, path) => {
        const { name, state, description } = body;
        marks.push(`${path.slice(-40, -36)} ${String(name)} ${String(state)}: ${String(description)}`);
        return [201, { id: 1, ...body }];
      },
    },
  };
}
