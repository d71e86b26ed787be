import { isSame } from '../../rollout/template.ts';
import { objectAt } from '../../routing/json.ts';
import { isRestart, nameOf, templateOf } from '../deployment.ts';
import { imagesOf, isRelease, isTwin, listed } from './guarded.ts';
import type { Attempt, Rule } from './rule.ts';

/** Behind a tag that moves, a restart, a scale or a lost node is a release that changes no template. */
export const mutableTag: Rule = {
  id: 'mutable-tag',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['CREATE', 'UPDATE'] }],
  check(attempt) {
    const { operation, object } = attempt;
    if (operation === 'UPDATE' && !isRelease(attempt) && !isRestarted(attempt)) return [];
    const moving = imagesOf(objectAt(templateOf(object), 'spec')).filter(isMoving);
    if (moving.length === 0) return [];
    return [
      {
        seen: `${listed(moving)} of ${nameOf(object)} names no version: what runs can change while the template stays`,
        todo: 'name a version or, best, a digest (image@sha256:...)',
      },
    ];
  },
};

function isRestarted({ object, oldObject }: Attempt): boolean {
  const [before, after] = [templateOf(oldObject), templateOf(object)];
  return !isTwin(oldObject) && isRestart(before, after) && !isSame(before, after);
}

/** A colon in the last part of the path is a tag; one before it is the registry's port. */
function isMoving(image: string): boolean {
  if (image.includes('@')) return false;
  const [, tag] = (image.split('/').at(-1) ?? '').split(':');
  return tag === undefined || tag === 'latest';
}
