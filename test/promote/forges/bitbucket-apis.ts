// Both of Bitbucket's APIs, as their documents have them (the addresses stand in the schemas).
import { byNumber, is, textIn } from './call.ts';
import type { Api, Opened } from './forge-server.ts';

export const bitbucket: Api = (asked, world) => {
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
    const source = textIn(asked, 'source', 'branch', 'name');
    const destination = textIn(asked, 'destination', 'branch', 'name');
    return {
      status: 201,
      body: shown(world.open(source, destination, textIn(asked, 'title'))),
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

export const bitbucketServer: Api = (asked, world) => {
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
    const ids = [textIn(asked, 'fromRef', 'id'), textIn(asked, 'toRef', 'id')];
    const [from = '', to = ''] = ids.map((id) => id.replace('refs/heads/', ''));
    return {
      status: 201,
      body: shown(world.open(from, to, textIn(asked, 'title'))),
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
