// The calls of each forge's API that are used, as its documents have them (the addresses stand in the schemas).
import type { ForgeKind } from '../../../src/promote/remote.ts';
import type { Answer, Api, Asked, Opened, World } from './forge-server.ts';

const numberIn = (path: string): number => Number(/\/(\d+)(\/|$)/.exec(path)?.[1] ?? 0);
const byNumber = ({ requests }: World, path: string): Opened | undefined =>
  requests.find(({ number }) => number === numberIn(path));
const is = ({ method, path }: Asked, how: string, form: RegExp): boolean => method === how && form.test(path);
const bodyOf = <T>({ body }: Asked): T => body as T;

const github: Api = (asked, world) => {
  const pulls = '^/repos/acme/env/pulls';
  const shown = (each: Opened): unknown => ({
    number: each.number,
    html_url: `${world.url}/acme/env/pull/${each.number}`,
    state: each.state === 'open' ? 'open' : 'closed',
    title: each.title,
    head: { ref: each.branch, sha: world.headOf(each.branch) },
    base: { ref: each.base },
    merged_at: each.state === 'merged' ? '2026-11-24T09:00:00Z' : null,
  });
  const whole = (each: Opened): unknown => ({
    ...(shown(each) as object),
    merged: each.state === 'merged',
    mergeable_state: each.blocked ?? 'clean',
  });
  if (is(asked, 'GET', new RegExp(`${pulls}$`))) {
    const { query } = asked;
    const found = world.requests.filter(
      (each) =>
        each.state === query.get('state') &&
        `acme:${each.branch}` === query.get('head') &&
        each.base === query.get('base'),
    );
    return { status: 200, body: found.map(shown), answered: 'pulls' };
  }
  if (is(asked, 'POST', new RegExp(`${pulls}$`))) {
    const { head, base, title } = bodyOf<{ head: string; base: string; title: string }>(asked);
    return { status: 201, body: whole(world.open(head, base, title)), asked: 'create', answered: 'pull' };
  }
  const found = byNumber(world, asked.path);
  if (found === undefined) return undefined;
  if (is(asked, 'GET', new RegExp(`${pulls}/\\d+$`)))
    return { status: 200, body: whole(found), answered: 'pull' };
  if (!is(asked, 'PUT', new RegExp(`${pulls}/\\d+/merge$`))) return undefined;
  const { sha, merge_method: way } = bodyOf<{ sha: string; merge_method: string }>(asked);
  if (sha !== world.headOf(found.branch))
    return { status: 409, body: { message: 'Head branch was modified' }, asked: 'merge' };
  // A repository that takes only squashed ones.
  if (way === 'merge')
    return {
      status: 405,
      body: { message: 'Merge commits are not allowed on this repository.' },
      asked: 'merge',
    };
  world.merge(found);
  return {
    status: 200,
    body: { sha, merged: true, message: 'Pull Request successfully merged' },
    asked: 'merge',
  };
};

const gitlab: Api = (asked, world) => {
  const requests = '^/projects/acme%2Fenv/merge_requests';
  const shown = (each: Opened): unknown => ({
    iid: each.number,
    web_url: `${world.url}/acme/env/-/merge_requests/${each.number}`,
    state: each.state === 'open' ? 'opened' : each.state,
    title: each.title,
    source_branch: each.branch,
    target_branch: each.base,
    sha: world.headOf(each.branch),
    detailed_merge_status: each.blocked ?? 'mergeable',
    merge_when_pipeline_succeeds: false,
  });
  if (is(asked, 'GET', new RegExp(`${requests}$`))) {
    const { query } = asked;
    const found = world.requests.filter(
      (each) =>
        query.get('state') === 'opened' &&
        each.state === 'open' &&
        each.branch === query.get('source_branch') &&
        each.base === query.get('target_branch'),
    );
    return { status: 200, body: found.map(shown), answered: 'requests' };
  }
  if (is(asked, 'POST', new RegExp(`${requests}$`))) {
    const {
      source_branch: branch,
      target_branch: base,
      title,
    } = bodyOf<Record<'source_branch' | 'target_branch' | 'title', string>>(asked);
    return {
      status: 201,
      body: shown(world.open(branch, base, title)),
      asked: 'create',
      answered: 'request',
    };
  }
  const found = byNumber(world, asked.path);
  if (found === undefined) return undefined;
  if (is(asked, 'GET', new RegExp(`${requests}/\\d+$`)))
    return { status: 200, body: shown(found), answered: 'request' };
  if (!is(asked, 'PUT', new RegExp(`${requests}/\\d+/merge$`))) return undefined;
  if (found.blocked !== undefined)
    return { status: 405, body: { message: '405 Method Not Allowed' }, asked: 'merge' };
  world.merge(found);
  return { status: 200, body: shown(found), asked: 'merge', answered: 'request' };
};

const bitbucket: Api = (asked, world) => {
  const requests = '^/repositories/acme/env/pullrequests';
  const states = { open: 'OPEN', merged: 'MERGED', closed: 'DECLINED' };
  const shown = (each: Opened): unknown => ({
    id: each.number,
    title: each.title,
    state: states[each.state],
    links: { html: { href: `${world.url}/acme/env/pull-requests/${each.number}` } },
    source: { branch: { name: each.branch }, commit: { hash: world.headOf(each.branch).slice(0, 12) } },
    destination: { branch: { name: each.base } },
  });
  if (is(asked, 'GET', new RegExp(`${requests}$`))) {
    const form = /^source\.branch\.name="(.+)" AND destination\.branch\.name="(.+)" AND state="OPEN"$/;
    const [, branch, base] = form.exec(asked.query.get('q') ?? '') ?? [];
    const found = world.requests.filter(
      (each) => each.state === 'open' && each.branch === branch && each.base === base,
    );
    return {
      status: 200,
      body: { size: found.length, page: 1, pagelen: 10, values: found.map(shown) },
      answered: 'requests',
    };
  }
  if (is(asked, 'POST', new RegExp(`${requests}$`))) {
    type End = { branch: { name: string } };
    const { source, destination, title } = bodyOf<{ source: End; destination: End; title: string }>(asked);
    return {
      status: 201,
      body: shown(world.open(source.branch.name, destination.branch.name, title)),
      asked: 'create',
      answered: 'request',
    };
  }
  const found = byNumber(world, asked.path);
  if (found === undefined) return undefined;
  if (is(asked, 'GET', new RegExp(`${requests}/\\d+$`)))
    return { status: 200, body: shown(found), answered: 'request' };
  if (is(asked, 'GET', new RegExp(`${requests}/\\d+/statuses$`))) {
    const state = found.blocked === undefined ? 'SUCCESSFUL' : 'INPROGRESS';
    return { status: 200, body: { values: [{ key: 'build', state }] }, answered: 'statuses' };
  }
  if (!is(asked, 'POST', new RegExp(`${requests}/\\d+/merge$`))) return undefined;
  world.merge(found);
  return { status: 200, body: shown(found), asked: 'merge', answered: 'request' };
};

const bitbucketServer: Api = (asked, world) => {
  const requests = '^/projects/acme/repos/env/pull-requests';
  const states = { open: 'OPEN', merged: 'MERGED', closed: 'DECLINED' };
  const ref = (branch: string): unknown => ({
    id: `refs/heads/${branch}`,
    displayId: branch,
    latestCommit: world.headOf(branch),
  });
  const shown = (each: Opened): unknown => ({
    id: each.number,
    version: 3,
    title: each.title,
    state: states[each.state],
    fromRef: ref(each.branch),
    toRef: ref(each.base),
    links: { self: [{ href: `${world.url}/projects/acme/repos/env/pull-requests/${each.number}` }] },
  });
  if (is(asked, 'GET', new RegExp(`${requests}$`))) {
    const { query } = asked;
    const found = world.requests.filter(
      (each) =>
        query.get('state') === 'OPEN' &&
        query.get('direction') === 'OUTGOING' &&
        each.state === 'open' &&
        `refs/heads/${each.branch}` === query.get('at'),
    );
    return {
      status: 200,
      body: { size: found.length, limit: 25, isLastPage: true, start: 0, values: found.map(shown) },
      answered: 'requests',
    };
  }
  if (is(asked, 'POST', new RegExp(`${requests}$`))) {
    const { fromRef, toRef, title } = bodyOf<{
      fromRef: { id: string };
      toRef: { id: string };
      title: string;
    }>(asked);
    const short = (id: string): string => id.replace('refs/heads/', '');
    return {
      status: 201,
      body: shown(world.open(short(fromRef.id), short(toRef.id), title)),
      asked: 'create',
      answered: 'request',
    };
  }
  const found = byNumber(world, asked.path);
  if (found === undefined) return undefined;
  if (is(asked, 'GET', new RegExp(`${requests}/\\d+$`)))
    return { status: 200, body: shown(found), answered: 'request' };
  if (is(asked, 'GET', new RegExp(`${requests}/\\d+/merge$`))) {
    const vetoes =
      found.blocked === undefined ? [] : [{ summaryMessage: found.blocked, detailedMessage: found.blocked }];
    return {
      status: 200,
      body: { canMerge: vetoes.length === 0, conflicted: false, outcome: 'CLEAN', vetoes },
      answered: 'mergeability',
    };
  }
  if (!is(asked, 'POST', new RegExp(`${requests}/\\d+/merge$`))) return undefined;
  if (asked.query.get('version') !== '3')
    return { status: 409, body: { errors: [{ message: 'out of date' }] } };
  world.merge(found);
  return { status: 200, body: shown(found), answered: 'request' };
};

const gitea: Api = (asked, world) => {
  const pulls = '^/repos/acme/env/pulls';
  const shown = (each: Opened): unknown => ({
    number: each.number,
    html_url: `${world.url}/acme/env/pulls/${each.number}`,
    state: each.state === 'open' ? 'open' : 'closed',
    title: each.title,
    merged: each.state === 'merged',
    mergeable: each.blocked === undefined,
    head: { ref: each.branch, sha: world.headOf(each.branch) },
    base: { ref: each.base },
  });
  if (is(asked, 'GET', new RegExp(`${pulls}$`))) {
    const isFirst = asked.query.get('page') === '1';
    const found = world.requests.filter(
      ({ state }) => isFirst && asked.query.get('state') === 'open' && state === 'open',
    );
    return { status: 200, body: found.map(shown), answered: 'pulls' };
  }
  if (is(asked, 'POST', new RegExp(`${pulls}$`))) {
    const { head, base, title } = bodyOf<{ head: string; base: string; title: string }>(asked);
    return { status: 201, body: shown(world.open(head, base, title)), asked: 'create', answered: 'pull' };
  }
  const found = byNumber(world, asked.path);
  if (found === undefined) return undefined;
  if (is(asked, 'GET', new RegExp(`${pulls}/\\d+$`)))
    return { status: 200, body: shown(found), answered: 'pull' };
  if (!is(asked, 'POST', new RegExp(`${pulls}/\\d+/merge$`))) return undefined;
  if (found.blocked !== undefined)
    return { status: 405, body: { message: found.blocked, url: '' }, asked: 'merge' };
  world.merge(found);
  return { status: 200, body: null, asked: 'merge' } satisfies Answer;
};

export const apis: Readonly<Record<ForgeKind, Api>> = {
  ...{ github, gitlab, bitbucket, gitea },
  'bitbucket-server': bitbucketServer,
};
