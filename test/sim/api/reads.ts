// Gets and lists.
import type { KubeObject, Resource } from '../../../src/kube/objects.ts';
import type { JsonObject } from '../../../src/rollout/types.ts';
import { textOf } from './frozen.ts';
import { apiVersionOf, traitsOf } from './kinds.ts';
import { badRequest, expired } from './refusal.ts';
import { matcherOf } from './selectors.ts';
import type { Storage } from './storage.ts';
import type { Call } from './types.ts';

/** A list that was begun: what is left of it, as of its version. */
interface Rest {
  readonly version: number;
  readonly items: readonly KubeObject[];
  /** It is all there is, not a selection: then the server says how many are left. */
  readonly isAll: boolean;
}

const overtaken =
  'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.';

/** Answers lists page by page, each as of the moment its first page was asked for. */
export class Lists {
  readonly #storage: Storage;
  readonly #rests = new Map<string, Rest>();
  #tokens = 0;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  answer({ resource, namespace, query }: Call): JsonObject {
    const limit = Number(query['limit'] ?? 0);
    const { version, items, isAll } = this.#asked(resource, namespace, query);
    const page = limit > 0 ? items.slice(0, limit) : items;
    const rest = items.slice(page.length);
    const next = rest.length === 0 ? undefined : this.#keep({ version, items: rest, isAll });
    const metadata = {
      resourceVersion: String(version),
      ...(next === undefined
        ? {}
        : { continue: next, ...(isAll ? { remainingItemCount: rest.length } : {}) }),
    };
    return { kind: `${resource.kind}List`, apiVersion: apiVersionOf(resource), metadata, items: page };
  }

  #asked(resource: Resource, namespace: string | undefined, query: Call['query']): Rest {
    const token = query['continue'];
    if (token !== undefined && token !== '') return this.#continued(token);
    const all = this.#storage.list(resource, namespace);
    const { labelSelector, fieldSelector } = query;
    const isAll = labelSelector === undefined && fieldSelector === undefined;
    const items = isAll ? all : all.filter(matcherOf(labelSelector, fieldSelector));
    return { version: this.#storage.version, items, isAll };
  }

  #continued(token: string): Rest {
    const rest = this.#rests.get(token);
    if (rest === undefined) throw badRequest(`continue key is not valid: ${token}`);
    // Kept: whoever got no answer asks for the same page again.
    if (rest.version < this.#storage.forgotten) throw expired(overtaken);
    return rest;
  }

  #keep(rest: Rest): string {
    this.#tokens += 1;
    const token = Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: rest.version, start: this.#tokens }));
    this.#rests.set(token.toString('base64url'), rest);
    return token.toString('base64url');
  }
}

/** The text of a list: items of Go's kinds come without kind and apiVersion. */
export function listText(resource: Resource, { items, ...list }: JsonObject): string {
  const lead = JSON.stringify({ kind: resource.kind, apiVersion: apiVersionOf(resource) }).length;
  const { isCustom } = traitsOf(resource);
  const texts = (items as readonly KubeObject[]).map((item) => {
    const text = textOf(item);
    return isCustom ? text : `{${text.slice(lead)}`;
  });
  return `${JSON.stringify(list).slice(0, -1)},"items":[${texts.join(',')}]}`;
}
