// What the webhook is asked while a rollout is under way, one sentence each; the exact patches are in test/golden/admission/.
import {
  aborted,
  annotated,
  type Cases,
  held,
  on,
  passed,
  replaced,
  restarted,
  superseded,
} from './asking.ts';
import { standing, states, templates, updating } from './deployments.ts';
import { names } from '../../src/kube/objects.ts';

const { one, two, three } = templates;

export const midway: Cases = {
  'the held template again changes nothing': on(
    standing(states.progressing),
    { template: two },
    passed(true, 'Progressing'),
  ),
  'the stable template again ends a rollout and takes the hold off': on(
    standing(states.progressing),
    { template: one },
    aborted('RollingBack'),
  ),
  'the stable template again ends a rollout that had not begun': on(
    standing(states.pending),
    { template: one },
    aborted('RollingBack'),
  ),
  "the stable template again leaves the owner's own pause": on(
    standing({ ...states.progressing, ownPause: true }),
    { template: one },
    { outcome: 'aborted', paused: true, phase: 'RollingBack' },
  ),
  'the stable template by replace ends a rollout too': {
    asked: updating(standing(states.waiting), replaced(one), 'bob'),
    expected: aborted('RollingBack'),
  },
  'the stable template clears a failed candidate away': on(
    standing(states.failed),
    { template: one },
    aborted('RollingBack'),
  ),
  'a third template supersedes the held one, against the same stable': on(
    standing(states.shift),
    { template: three },
    superseded,
  ),
  "a third template keeps the owner's own pause in mind": on(
    standing({ ...states.starting, ownPause: true }),
    { template: three },
    superseded,
  ),
  'a third template by replace supersedes': {
    asked: updating(standing(states.progressing), replaced(three)),
    expected: superseded,
  },
  'a template after a failed one supersedes it': on(standing(states.failed), { template: three }, superseded),
  'a template while a failed one is rolled back supersedes it': on(
    standing(states.rollingBack),
    { template: three },
    superseded,
  ),
  'a restart of a held Deployment is a new candidate': on(
    standing(states.progressing),
    { template: restarted('web:2') },
    superseded,
  ),
  'an opt-out does not let a held template go': {
    asked: updating(
      standing(states.progressing),
      annotated(standing(states.progressing, { paused: false }), { [names.canary]: 'disabled' }),
    ),
    expected: passed(true, 'Progressing'),
  },
  'resume does not take the hold off': on(
    standing(states.progressing),
    { paused: false },
    passed(true, 'Progressing'),
  ),
  'replace does not take the hold off, nor the annotations': {
    asked: updating(standing(states.progressing), replaced(two)),
    expected: passed(true, 'Progressing'),
  },
  'a failed candidate says so at every update': on(
    standing(states.failed),
    { replicas: 4 },
    passed(true, 'Failed'),
  ),
  'what rolls in place stays let go, whatever else changes': on(
    standing(states.rolling, { paused: false }),
    { replicas: 7 },
    passed(false, 'Rolling'),
  ),
  'what rolls in place and is held at its share is not let go by hand': on(
    standing({ ...states.rolling, reached: true }),
    { paused: false },
    passed(true, 'Rolling'),
  ),
  'a pause while one rolls in place comes at its end': on(
    standing(states.rolling, { paused: false }),
    { paused: true },
    passed(true, 'Rolling'),
  ),
  'a third template while one rolls in place is held against the stable one': on(
    standing(states.rolling, { paused: false }),
    { template: three },
    superseded,
  ),
  'scaling passes mid-rollout': on(
    standing(states.progressing),
    { replicas: 7 },
    passed(true, 'Progressing'),
  ),
};

export const promoting: Cases = {
  'another template while promoting is refused for the moment': on(
    standing(states.roll, { paused: false }),
    { template: three },
    { denied: 409 },
  ),
  'another template while traffic returns is refused for the moment': on(
    standing(states.giveBack, { paused: false }),
    { template: three },
    { denied: 409 },
  ),
  'the stable template while promoting turns it back': on(
    standing(states.roll, { paused: false }),
    { template: one },
    aborted('Promoting.Roll'),
  ),
  'a turning back that a policy had paused is let go': {
    asked: updating(
      standing(states.roll, { paused: false }),
      annotated(standing(states.roll, { paused: true, template: one }), { 'serin.dev/held-by': 'policy' }),
    ),
    expected: aborted('Promoting.Roll'),
  },
  'the stable template while finalising turns it back': on(
    standing(states.finalising, { paused: false }),
    { template: one },
    aborted('Promoting.Roll'),
  ),
  'the stable template cannot be told without the way back: refused for the moment': on(
    annotated(standing(states.roll, { paused: false }), { 'serin.dev/stable': undefined }),
    { template: one },
    { denied: 409 },
  ),
  'any template while a promotion is turned back is refused for the moment': on(
    standing(states.turnedBack, { template: one, paused: false }),
    { template: two },
    { denied: 409 },
  ),
  'a pause while promoting comes at its end': on(
    standing(states.roll, { paused: false }),
    { paused: true },
    passed(true, 'Promoting.Roll'),
  ),
  'scaling passes while promoting': on(
    standing(states.roll, { paused: false }),
    { replicas: 7 },
    passed(false, 'Promoting.Roll'),
  ),
  'a template after a candidate whose hold was lost is held against what rolls': on(
    standing(states.progressing, { paused: false }),
    { template: three },
    held('Pending'),
  ),
  'a template after a rollout that succeeded is held': on(
    standing(states.succeeded, { paused: false }),
    { template: three },
    held('Pending'),
  ),
  'a template after a rollout that was ended is held against what runs': on(
    annotated(standing(states.aborting, { template: one, paused: false }), { 'serin.dev/stable': undefined }),
    { template: three },
    held('Pending'),
  ),
  "a template after an ended rollout whose pause is the owner's is held": on(
    standing({ ...states.aborting, ownPause: true }, { template: one }),
    { template: three },
    held('Pending'),
  ),
  'a template after a failed one that was restored is held': on(
    standing(states.failed, { template: one, paused: false }),
    { template: three },
    held('Pending'),
  ),
};
