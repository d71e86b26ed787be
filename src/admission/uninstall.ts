import type { Server } from 'node:https';
import type { FastifyInstance } from 'fastify';
import { answer, parseReview } from './review.ts';
import { untouched } from './verdict.ts';

/** Ends all rollouts; answers which have not ended in the time a webhook has. */
export type EndRollouts = () => Promise<readonly string[]>;

/**
 * Who deletes Serin's own namespace, account, rules or Deployment is answered when every rollout has ended at stable: with
 * Serin gone nobody would end it. What does not end in time is refused in the name of it.
 */
export function addUninstall(app: FastifyInstance<Server>, endRollouts: EndRollouts): void {
  app.post('/uninstall', async (request, reply) => {
    const { uid, dryRun } = parseReview(request.body);
    const left = dryRun ? [] : await endRollouts();
    if (left.length === 0) return reply.send(answer(uid, untouched));
    const message =
      `Serin is ending its rollouts, and would leave ${left.join(', ')} as they are;` +
      ' delete it again in a minute (serin uninstall tells how far it is)';
    return reply.send(answer(uid, { kind: 'deny', code: 409, message }));
  });
}
