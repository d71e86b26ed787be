import { nameOf, annotationsOf } from '../deployment.ts';
import { annotationChanges } from './guarded.ts';
import type { Rule } from './rule.ts';

const command = 'serin.dev/command';
/** What a person can tell a rollout to do; each is a verb of deployments.serin.dev. */
const verbs = ['promote', 'skip', 'abort', 'pause', 'resume', 'retry', 'rollback'];

/** Who may change a Deployment may not thereby promote it. */
export const commands: Rule = {
  id: 'command',
  effect: 'refuse',
  looksAt: [{ resource: 'apps/deployments', operations: ['CREATE', 'UPDATE'] }],
  async check(attempt, around) {
    const text = annotationsOf(attempt.object)[command];
    if (typeof text !== 'string' || !annotationChanges(attempt, command)) return [];
    const verb = text.trim().split(/\s/)[0] ?? '';
    if (!verbs.includes(verb)) {
      return [
        {
          seen: `${command} says ${JSON.stringify(text.slice(0, 40))}`,
          todo: `say one of ${verbs.join(', ')}`,
        },
      ];
    }
    if (await around.can(verb)) return [];
    const { namespace, user } = attempt;
    return [
      {
        seen: `${user.username} may not ${verb} ${nameOf(attempt.object)}: the RBAC verb ${verb} on deployments.serin.dev in ${namespace} is missing`,
        todo: 'wait for the analysis, or ask somebody who has it',
      },
    ];
  },
};
