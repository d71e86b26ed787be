// What the wire tests of the client share: the real client on the real transport, against a scripted API server.
import { ok } from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Clock, systemClock } from '../../src/clock.ts';
import { SerinError } from '../../src/errors.ts';
import { createKube } from '../../src/kube/client.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { createTransport } from '../../src/kube/transport.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { type ScriptedApi, scriptedApi } from '../rig/scripted-api.ts';

/** A scripted API server that ends with the test, and a client of it. */
export async function rigFor(
  t: TestContext,
  clock: Clock = systemClock,
): Promise<{ api: ScriptedApi; kube: Kube }> {
  const api = await scriptedApi();
  t.after(api.close);
  return { api, kube: createKube(createTransport(api.config), clock) };
}

export function web(fields: JsonObject = {}): JsonObject {
  const metadata = { name: 'web', namespace: 'shop', uid: 'u1', resourceVersion: '7' };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata, ...fields };
}

export function pod(name: string): JsonObject {
  return { kind: 'Pod', apiVersion: 'v1', metadata: { name, uid: name, resourceVersion: '6' } };
}

/** What an error says, as a whole value. */
export function told(error: unknown): unknown {
  ok(error instanceof SerinError, String(error));
  return { code: error.code, message: error.message, retryAfterMs: error.retryAfterMs };
}

/** What the error of `work` says. */
export async function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(() => 'no failure', told);
}

/** Everything that an iteration gives. */
export async function allOf<T>(iterable: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = [];
  for await (const item of iterable) items.push(item);
  return items;
}
