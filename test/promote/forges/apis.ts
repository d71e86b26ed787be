// The calls of each forge's API that are used, as its documents have them (the addresses stand in the schemas).
import type { ForgeKind } from '../../../src/promote/remote.ts';
import { bitbucket, bitbucketServer } from './bitbucket-apis.ts';
import { byNumber, is, textIn } from './call.ts';
import type { Answer, Api, Opened } from './forge-server.ts';

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
    const [head, base, title] = [textIn(asked, 'head'), textIn(asked, 'base'), textIn(asked, 'title')];
    return { status: 201, body: whole(world.open(head, base, title)), asked: 'create', answered: 'pull' };
  }
  const found = byNumber(world, asked.path);
  if (found === undefined) return undefined;
  if (is(asked, 'GET', new RegExp(`${pulls}/\\d+$`)))
    return { status: 200, body: whole(found), answered: 'pull' };
  if (!is(asked, 'PUT', new RegExp(`${pulls}/\\d+/merge$`))) return undefined;
  const [sha, way] = [textIn(asked, 'sha'), textIn(asked, 'merge_method')];
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
    const [branch, base] = [textIn(asked, 'source_branch'), textIn(asked, 'target_branch')];
    const title = textIn(asked, 'title');
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
    const [head, base, title] = [textIn(asked, 'head'), textIn(asked, 'base'), textIn(asked, 'title')];
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
