import { invalid, type Review } from './review.ts';
import type { Attempt, Operation } from './rules/rule.ts';
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

/** What a review says that somebody is about to do, for the rules to judge. */
export function attemptOf(review: Review): Attempt {
  const { operation, resource, subResource, namespace, name, user, dryRun, object, oldObject } = review;
  if (!isOperation(operation)) throw invalid(`${operation} changes no object`);
  if (operation !== 'DELETE' && object === undefined) throw invalid(`a ${operation} has no object`);
  if (operation !== 'CREATE' && oldObject === undefined) throw invalid(`a ${operation} has no oldObject`);
  return {
    ...{ operation, subResource, namespace, name, user, dryRun },
    resource: subResource === '' ? resource : `${resource}/${subResource}`,
    object: object ?? {},
    oldObject: oldObject ?? {},
  };
}

function isOperation(operation: string): operation is Operation {
  return ['CREATE', 'UPDATE', 'DELETE'].includes(operation);
}
