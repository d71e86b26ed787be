import { invalid, type Review } from './review.ts';
import type { Asked } from './verdict.ts';

/** What a review asks of us, or why it is none of our business; the webhook's own rules may be wider than they should. */
export function askedOf(review: Review): Asked | { readonly notOurs: string } {
  const { kind, subResource, operation, object, oldObject } = review;
  if (kind !== 'apps/Deployment') return { notOurs: `${kind} is no apps/Deployment` };
  if (subResource !== '') return { notOurs: `${subResource} is a subresource` };
  if (operation !== 'CREATE' && operation !== 'UPDATE') return { notOurs: `${operation} changes no object` };
  const { username, namespace, dryRun } = review;
  if (object === undefined) throw invalid(`a ${operation} has no object`);
  const common = { username, namespace, dryRun, object };
  if (operation === 'CREATE') return { ...common, operation };
  if (oldObject === undefined) throw invalid('an UPDATE has no oldObject');
  return { ...common, operation, oldObject };
}
