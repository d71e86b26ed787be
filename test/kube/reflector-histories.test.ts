// Random histories of a kind, and of an API server that fails: whatever happens, the store ends as the truth is, and
// whoever followed the changes one by one knows the same.
import { deepEqual, equal } from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { SerinError } from '../../src/errors.ts';
import type { Kube, WatchEvent } from '../../src/kube/kube.ts';
import { type KubeObject, resources } from '../../src/kube/objects.ts';
import { createReflector } from '../../src/kube/reflector.ts';
import { virtualClock } from '../rig/virtual-clock.ts';

type Move =
  | { readonly do: 'put' | 'delete' | 'replace'; readonly name: string }
  | { readonly do: 'break' | 'forget' | 'refuse' | 'uninstall' | 'bookmark' };

/** One kind, its history, and what goes wrong with reading it. */
class Server {
  readonly objects = new Map<string, KubeObject>();
  readonly #events: { readonly version: number; readonly event: WatchEvent }[] = [];
  #version = 1;
  #oldest = 0;
  #refusals = 0;
  #installed = true;
  #breaks = 0;
  #stir: () => void = () => {};

  act(move: Move): void {
    if ('name' in move) this.#write(move.do, move.name);
    else if (move.do === 'break') this.#breaks += 1;
    else if (move.do === 'forget') this.#oldest = this.#version;
    else if (move.do === 'refuse') this.#refusals += 2;
    else if (move.do === 'uninstall') this.#uninstall();
    else this.#record({ type: 'BOOKMARK', resourceVersion: String(this.#version + 1) });
    this.#stir();
  }

  readonly kube: Pick<Kube, 'list' | 'watch'> = {
    list: async () => {
      this.#refuse();
      if (!this.#installed) return undefined;
      return { items: [...this.objects.values()], resourceVersion: String(this.#version) };
    },
    watch: (_resource, scope, signal) => this.#stream(Number(scope.resourceVersion), signal),
  };

  async *#stream(from: number, signal: AbortSignal): AsyncGenerator<WatchEvent> {
    this.#refuse();
    if (!this.#installed) throw new SerinError('KUBE_NOT_FOUND', 'not installed');
    const breaks = this.#breaks;
    for (let seen = from; !signal.aborted; ) {
      if (seen < this.#oldest) throw new SerinError('KUBE_GONE', 'too old');
      const next = this.#events.find(({ version }) => version > seen);
      if (this.#breaks > breaks) throw new SerinError('KUBE_UNREACHABLE', 'broken');
      if (next === undefined) {
        await new Promise<void>((resolve) => {
          this.#stir = resolve;
          signal.addEventListener('abort', () => resolve(), { once: true });
        });
        continue;
      }
      seen = next.version;
      yield next.event;
    }
  }

  #refuse(): void {
    if (this.#refusals === 0) return;
    this.#refusals -= 1;
    throw new SerinError('KUBE_BUSY', 'refused');
  }

  #write(how: 'put' | 'delete' | 'replace', name: string): void {
    this.#installed = true;
    const before = this.objects.get(name);
    if (how !== 'put' && before !== undefined) {
      this.objects.delete(name);
      this.#record({ type: 'DELETED', object: stamped(before, this.#version + 1) });
    }
    if (how === 'delete') return;
    const uid = how === 'replace' || before === undefined ? `uid-${this.#version + 1}` : before.metadata.uid;
    const object = stamped({ metadata: { name, uid, resourceVersion: '' } }, this.#version + 1);
    this.objects.set(name, object);
    this.#record({ type: before === undefined || how === 'replace' ? 'ADDED' : 'MODIFIED', object });
  }

  #uninstall(): void {
    this.#installed = false;
    this.objects.clear();
    this.#oldest = this.#version + 1;
    this.#version += 1;
    this.#breaks += 1;
  }

  #record(event: WatchEvent): void {
    this.#version += 1;
    this.#events.push({ version: this.#version, event });
  }
}

function stamped(object: KubeObject, version: number): KubeObject {
  return { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
}

test('whatever happens to the objects and to the connection, the store ends as the truth, told change by change', async () => {
  const move = fc.oneof(
    fc.record({ do: fc.constantFrom('put', 'delete', 'replace'), name: fc.constantFrom('a', 'b', 'c') }),
    fc.record({ do: fc.constantFrom('break', 'forget', 'refuse', 'uninstall', 'bookmark') }),
  ) as fc.Arbitrary<Move>;
  const step = fc.record({
    moves: fc.array(move, { maxLength: 4 }),
    thenMs: fc.integer({ min: 0, max: 5_000 }),
  });
  const property = fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
    const clock = virtualClock();
    const server = new Server();
    const told = new Map<string, KubeObject>();
    const reflector = createReflector({
      kube: server.kube as Kube,
      resource: resources.configMaps,
      scope: {},
      clock,
      random: () => 0.5,
      onChange: (key, object, previous) => {
        deepEqual(told.get(key), previous, 'what was is what was told before');
        equal(
          previous === undefined || object === undefined || previous.metadata.uid === object.metadata.uid,
          true,
        );
        if (object === undefined) told.delete(key);
        else told.set(key, object);
      },
      onFailure: (error) => {
        if (!(error instanceof SerinError)) failures.push(error);
      },
    });
    const failures: unknown[] = [];
    const stopping = new AbortController();
    const done = reflector.run(stopping.signal);
    for (const { moves, thenMs } of steps) {
      for (const each of moves) server.act(each);
      await clock.advance(thenMs);
    }
    await clock.advance(600_000);
    stopping.abort();
    await done;
    deepEqual(failures, []);
    const truth = Object.fromEntries(server.objects);
    deepEqual(
      Object.fromEntries(reflector.store.list().map((object) => [object.metadata.name, object])),
      truth,
    );
    deepEqual(Object.fromEntries(told), truth);
    equal(reflector.synced, true);
  });
  await fc.assert(property, { numRuns: 150 });
});
