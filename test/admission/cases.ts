// What the webhook is asked where no rollout is under way, one sentence each; the exact patches are in test/golden/admission/.
import { annotated, type Cases, held, on, passed, restarted } from './asking.ts';
import { aDeployment, creating, standing, states, templates } from './deployments.ts';

const { one, two } = templates;

/** As manifests/policies/hold.yaml writes them. */
const marks = {
  'serin.dev/held-by': 'policy',
  'serin.dev/asked': '{"paused":false,"revision":"1","actor":"ann"}',
};

export const fresh: Cases = {
  'a new template is held': on(aDeployment(), { template: two }, held('Pending')),
  'a new template is held beside annotations of others': on(
    aDeployment({ annotations: { owner: 'shop' } }),
    { template: two },
    held('Pending'),
  ),
  "the owner's own pause is remembered": on(
    aDeployment({ paused: true }),
    { template: two },
    held('Pending'),
  ),
  'a pause that comes with the template is not taken for an own one': on(
    aDeployment(),
    { template: two, paused: true },
    held('Pending'),
  ),
  'a hold that a policy put on in the same request is ours, and its mark goes': on(
    aDeployment(),
    { template: two, paused: true, annotations: marks },
    held('Pending'),
  ),
  'nothing of the template changes: it passes': on(aDeployment(), { replicas: 5 }, passed(false)),
  'a pause of the owner passes': on(aDeployment(), { paused: true }, passed(true)),
  'taking an own pause off passes': on(aDeployment({ paused: true }), { paused: false }, passed(false)),
  'a restart is no release': on(aDeployment(), { template: restarted('web:1') }, passed(false)),
  'a second restart is no release either': on(
    aDeployment({ template: restarted('web:1') }),
    { template: one },
    passed(false),
  ),
  'a restart that a policy had paused is let go': on(
    aDeployment(),
    { template: restarted('web:1'), paused: true, annotations: marks },
    passed(false),
  ),
  'a restart with another image is a release': on(
    aDeployment(),
    { template: restarted('web:2') },
    held('Pending'),
  ),
  'a Deployment without a canary rolls out directly': on(
    aDeployment(),
    { template: two, annotations: { 'serin.dev/canary': 'disabled' } },
    passed(false),
  ),
  'at zero replicas nothing is there to protect': on(
    aDeployment(),
    { template: two, replicas: 0 },
    passed(false),
  ),
  'without an available pod nothing is there to protect': on(
    aDeployment({ available: 0 }),
    { template: two },
    passed(false),
  ),
};

export const configured: Cases = {
  'a plan that can be followed passes, with its notes': on(
    aDeployment(),
    { annotations: { 'serin.dev/canary': 'revertOnDeletion: true' } },
    passed(false),
  ),
  'a plan with mistakes is refused with all of them': on(
    aDeployment(),
    { annotations: { 'serin.dev/canary': 'analysis: {interval: soon, threshold: 0}' } },
    { denied: 422 },
  ),
  'mistakes that were there before do not stand in the way of scaling': on(
    aDeployment({ annotations: { 'serin.dev/canary': 'analysis: {threshold: 0}' } }),
    { replicas: 5 },
    passed(false),
  ),
  'a new Deployment with mistakes in its plan is refused': {
    asked: creating(aDeployment({ annotations: { 'serin.dev/canary': '[' } })),
    expected: { denied: 422 },
  },
  'a new Deployment passes': { asked: creating(aDeployment()), expected: passed(false) },
  'a copy does not carry the rollout of the one it was copied from': {
    asked: creating(annotated(standing(states.progressing), { owner: 'shop' })),
    expected: passed(false),
  },
  "a copy keeps the owner's own pause": {
    asked: creating(standing({ ...states.progressing, ownPause: true })),
    expected: passed(true),
  },
  'a twin is let be': on(
    aDeployment({ annotations: { 'serin.dev/twin-of': '5e7b' } }),
    { template: templates.two },
    passed(false),
  ),
  'a copy of a twin is a Deployment like any other': {
    asked: creating(aDeployment({ annotations: { 'serin.dev/twin-of': '5e7b', 'serin.dev/state': 'x' } })),
    expected: { outcome: 'passed', paused: false, phase: undefined },
  },
};
