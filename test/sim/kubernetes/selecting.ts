// What workloads, Services and budgets select. Specs are shared between versions, and so is what was read from them.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { objectAt } from '../../../src/routing/json.ts';
import {
  labelSelector,
  type Selector,
  selectorMatches,
  serviceSelector,
} from '../../../src/routing/selectors.ts';

const known = new WeakMap<object, Selector | undefined>();
const noLabels = {};

/** Whether the object selects what has these labels; a Service without a selector selects nothing. */
export function selects(object: KubeObject, { metadata }: KubeObject): boolean {
  const selector = selectorOf(object);
  return selector !== undefined && selectorMatches(selector, metadata.labels ?? noLabels);
}

/** The selector of a workload, budget or Service; of a Service only where it has one. */
export function selectorOf(object: KubeObject): Selector | undefined {
  const spec = objectAt(object, 'spec');
  if (known.has(spec)) return known.get(spec);
  const selector =
    object['kind'] === 'Service' ? serviceSelector(object) : labelSelector(objectAt(spec, 'selector'));
  known.set(spec, selector);
  return selector;
}
