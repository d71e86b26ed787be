// A hundred thousand reviews that nobody would send: no crash, no exception text, and never anything else in the patch
// than what is meant. SERIN_FUZZ=10 makes it ten times as many.
import { deepEqual, equal, match, ok } from 'node:assert/strict';
import { after as afterAll, before, describe, test } from 'node:test';
import fc from 'fast-check';
import type { FastifyInstance } from 'fastify';
import type { Server } from 'node:https';
import { decide } from '../../src/admission/mutate.ts';
import { createWebhookServer } from '../../src/admission/server.ts';
import type { Around } from '../../src/admission/rules/rule.ts';
import { standingOf } from '../../src/admission/standing.ts';
import { validate } from '../../src/admission/validate.ts';
import type { Asked, Verdict } from '../../src/admission/verdict.ts';
import { readStable } from '../../src/config/stable.ts';
import { readState, writeState } from '../../src/config/state.ts';
import { type KubeObject, names } from '../../src/kube/objects.ts';
import { usualFloor } from '../../src/config/floor.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import { isSame } from '../../src/rollout/template.ts';
import type { Json, JsonObject } from '../../src/rollout/types.ts';
import { objectAt, without } from '../../src/routing/json.ts';
import { silent } from './silent.ts';
import { controller, patched } from './deployments.ts';
import { anyDeployment, anyJson, damagedReview, standings } from './hostile.ts';
import { pair } from './running.ts';

const times = Number(process.env['SERIN_FUZZ'] ?? 1);
const ours: readonly string[] = [
  ...[names.state, names.stable, names.history, names.twinOf],
  ...[names.revision, names.analysis, names.heldBy, names.asked],
];
const allowedPath = /^(\/metadata\/annotations(\/serin\.dev~1[a-z-]+)?|\/spec\/paused)$/;
/** Of what every object inherits from: nothing in a review may add to it. */
const keysOfAll = Reflect.ownKeys(Object.prototype).length;
const annotationsOf = (object: JsonObject): JsonObject =>
  objectAt(objectAt(object, 'metadata'), 'annotations');
const templateOf = (object: JsonObject): Json => objectAt(object, 'spec')['template'] ?? null;
const isPaused = (object: JsonObject): boolean => objectAt(object, 'spec')['paused'] === true;

/** The object without what Serin may write: its own annotations, and the pause. */
function theirs(object: JsonObject): JsonObject {
  const metadata = objectAt(object, 'metadata');
  const kept = Object.entries(annotationsOf(object)).filter(([name]) => !ours.includes(name));
  return {
    ...object,
    metadata: { ...without(metadata, 'annotations'), annotations: Object.fromEntries(kept) },
    spec: without(objectAt(object, 'spec'), 'paused'),
  };
}

const own = (object: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(annotationsOf(object)).filter(([name]) => ours.includes(name)));

/** Our annotations and the pause are what the outcome means. */
function checkMeaning(review: Asked, verdict: Extract<Verdict, { kind: 'allow' }>, after: JsonObject): void {
  if (review.operation === 'CREATE') return deepEqual(own(after), {});
  const { oldObject } = review;
  const stored = annotationsOf(after);
  const state = readState(stored);
  switch (verdict.outcome) {
    case 'held':
    case 'superseded':
      ok(isPaused(after) && state !== undefined && !('corrupt' in state));
      equal(state.revision, revisionOf(templateOf(after)));
      return equal(revisionOf(readStable(stored, templateOf(after)) ?? null), state.stableRevision);
    case 'aborted':
      ok(state !== undefined && 'ending' in state);
      return equal(state.ending, 'Aborted');
    case 'passed':
      if (names.twinOf in annotationsOf(oldObject)) return ok(isSame(after, review.object));
      return deepEqual(
        own(after),
        isPausedLater(review.object, oldObject) ? own(noting(oldObject)) : own(oldObject),
      );
  }
}

/** True where an owner puts a pause on while their pods roll: it is noted in the state, and comes at the end. */
function isPausedLater(object: JsonObject, oldObject: JsonObject): boolean {
  const isUnderWay = ['promoting', 'held'].includes(standingOf(oldObject).is);
  return isUnderWay && isPaused(object) && !isPaused(oldObject);
}

function noting(oldObject: JsonObject): JsonObject {
  const state = readState(annotationsOf(oldObject));
  if (state === undefined || 'corrupt' in state) return oldObject;
  const annotations = {
    ...annotationsOf(oldObject),
    [names.state]: writeState({ ...state, ownPause: true }),
  };
  return { ...oldObject, metadata: { ...objectAt(oldObject, 'metadata'), annotations } };
}

let reviews = 0;

/** All that has to hold of one review. */
function check(review: Asked): void {
  reviews += 1;
  const verdict = decide(review, { controller });
  if (verdict.kind === 'deny') return ok(verdict.message.length > 0);
  for (const { path } of verdict.patch) ok(allowedPath.test(path), path);
  const stored = patched(review.object, verdict.patch);
  const [after, asked] = [theirs(stored), theirs(review.object)];
  ok(isSame(after, asked), `${JSON.stringify(after)} is not ${JSON.stringify(asked)}`);
  checkMeaning(review, verdict, stored);
  const again = decide({ ...review, object: stored }, { controller });
  deepEqual(again.kind === 'allow' && again.patch, []);
}

test('whatever two Deployments are like, the patch makes what is meant and nothing else', () => {
  fc.assert(
    fc.property(anyDeployment, anyDeployment, fc.boolean(), (one, other, dryRun) => {
      const common = { username: 'ann', namespace: 'shop', dryRun };
      const spec = { ...objectAt(other, 'spec'), template: templateOf(one) };
      check({ ...common, operation: 'UPDATE', oldObject: one, object: other });
      check({ ...common, operation: 'UPDATE', oldObject: other, object: one });
      check({ ...common, operation: 'UPDATE', oldObject: one, object: { ...other, spec } });
      check({ ...common, operation: 'CREATE', object: other });
      equal(Reflect.ownKeys(Object.prototype).length, keysOfAll);
    }),
    { numRuns: 20_500 * times },
  );
});

/** All that is ever said of a fault: none of it comes from an exception. */
const saidOfFaults =
  /^(the request could not be answered|cannot answer the admission review: (the body is no AdmissionReview of admission\.k8s\.io\/v1|it has no (uid|operation|kind|username)|an? (CREATE|UPDATE|DELETE) has no (object|oldObject)|.* changes no object))\n$/s;

const named = { name: 'web', namespace: 'shop', uid: 'u', resourceVersion: '1' };
const cluster: readonly KubeObject[] = standings.map((each) => ({
  ...each,
  metadata: named,
}));
const service: KubeObject = {
  metadata: named,
  spec: { selector: { app: 'web' } },
};
const around: Around = {
  services: () => [service],
  deployments: () => cluster,
  replicaSets: async () => cluster,
  hasService: async () => true,
  settings: async () => ({ defaults: undefined, floor: usualFloor }),
  can: async (verb) => verb === 'promote',
};

describe('the server', () => {
  let app: FastifyInstance<Server>;
  before(async () => {
    const options = { ...pair, ready: () => true, onReview: () => {}, log: silent, metrics: async () => '' };
    const told = { onBroken: () => {}, onBypass: () => {} };
    const made = createWebhookServer({
      ...options,
      decide: (each) => decide(each, { controller }),
      validate: (attempt, force) => validate(attempt, force, around, told),
    });
    app = made.app;
    await app.ready();
  });
  afterAll(() => app.close());

  async function ask(path: string, body: string): Promise<number> {
    reviews += 1;
    const headers = { 'content-type': 'application/json' };
    const { statusCode, payload } = await app.inject({ method: 'POST', url: path, headers, payload: body });
    if (statusCode !== 200) {
      match(payload, saidOfFaults);
      return statusCode;
    }
    const { request } = JSON.parse(body) as { request: { uid: string } };
    const { response } = JSON.parse(payload) as { response: { uid: string; allowed: boolean } };
    deepEqual([response.uid, typeof response.allowed], [request.uid, 'boolean']);
    return statusCode;
  }
  const path = fc.constantFrom('/mutate', '/mutate', '/validate', '/validate/warn');

  test('whatever is damaged in a review, it is answered, or refused in words of our own', () =>
    fc.assert(
      fc.asyncProperty(path, damagedReview, async (to, review) => {
        // What is JSON is never a fault of ours.
        ok([200, 400].includes(await ask(to, JSON.stringify(review))));
      }),
      { numRuns: 13_000 * times },
    ));

  test('whatever JSON or text is sent, it is refused in words of our own', () =>
    fc.assert(
      fc.asyncProperty(
        path,
        fc.oneof(
          anyJson.map((json) => JSON.stringify(json)),
          fc.string(),
        ),
        async (to, body) => {
          equal(await ask(to, body), 400);
        },
      ),
      { numRuns: 5_000 * times },
    ));

  test('objects of a megabyte and a half are answered', () =>
    fc.assert(
      fc.asyncProperty(damagedReview, fc.string(), fc.nat({ max: 3 }), async (review, unit, where) => {
        const filling = `${unit}✓`.repeat(500_000 / (unit.length + 1));
        const body = JSON.stringify(review).replace(/"web:\d"/, JSON.stringify(filling));
        const labelled = body.replace('"labels":{', `"labels":{${JSON.stringify(filling.slice(where))}:"x",`);
        ok([200, 400].includes(await ask('/mutate', labelled)));
      }),
      { numRuns: 20 * times },
    ));

  for (const depth of [1_000, 100_000])
    test(`${depth} levels of nesting do not take the server down`, async () => {
      const nested = `${'['.repeat(depth)}${']'.repeat(depth)}`;
      const review = JSON.stringify({ deep: 0 }).replace('0', nested);
      const body = `{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","operation":"UPDATE","kind":{"group":"apps","kind":"Deployment"},"userInfo":{"username":"ann"},"object":{"metadata":{},"spec":{"template":${review}}},"oldObject":{"metadata":{},"spec":{"template":{}},"status":{"availableReplicas":1}}}}`;
      await ask('/mutate', body);
      equal((await app.inject({ method: 'GET', url: '/healthz' })).statusCode, 200);
    });
});

test('these were a hundred thousand', () => ok(reviews >= 100_000, `${reviews}`));
