// What the webhook is asked by those who would write what is Serin's alone, and where its own record does not fit, one sentence each; the exact patches are in test/golden/admission/.
import { names } from '../../src/kube/objects.ts';
import { revisionOf } from '../../src/kube/revision.ts';
import { annotated, type Cases, held, on, passed } from './asking.ts';
import { aDeployment, aTemplate, controller, standing, states, templates, updating } from './deployments.ts';

const { one, two, three } = templates;

export const forged: Cases = {
  'a forged state is put back': {
    asked: updating(
      standing(states.progressing),
      annotated(standing(states.progressing), { [names.state]: '{}' }),
    ),
    expected: passed(true, 'Progressing'),
  },
  'a state that was taken away is put back': {
    asked: updating(
      standing(states.progressing),
      annotated(standing(states.progressing), { [names.state]: undefined, [names.stable]: undefined }),
    ),
    expected: passed(true, 'Progressing'),
  },
  'a state that an undo brings back is taken out again': {
    asked: updating(aDeployment(), standing(states.succeeded, { template: one, paused: false })),
    expected: passed(false),
  },
  'a mark of a twin cannot be put on later, so as not to be looked at': {
    asked: updating(aDeployment(), aDeployment({ annotations: { 'serin.dev/twin-of': 'x' }, template: two })),
    expected: held('Pending'),
  },
  'a mark of a policy cannot be put on by hand': {
    asked: updating(aDeployment(), aDeployment({ annotations: { 'serin.dev/held-by': 'policy' } })),
    expected: passed(false),
  },
  'a state that cannot be read keeps a paused Deployment as it is': on(
    annotated(standing(states.progressing), { [names.state]: '{"phase":"Progressing"}' }),
    { template: one },
    { denied: 409 },
  ),
  'a state that cannot be read keeps the hold': {
    asked: updating(
      annotated(standing(states.progressing), { [names.state]: 'nonsense' }),
      annotated(standing(states.progressing, { paused: false }), { [names.state]: 'nonsense' }),
    ),
    expected: passed(true),
  },
  'a state that cannot be read is none where nothing is paused': on(
    aDeployment({ annotations: { [names.state]: '{' } }),
    { template: two },
    held('Pending'),
  ),
  'a way back that leads elsewhere keeps a held template as it is': on(
    annotated(standing(states.progressing), {
      [names.stable]: '[{"op":"replace","path":"/spec/containers/0/image","value":"evil:1"}]',
    }),
    { template: aTemplate('evil:1') },
    { denied: 409 },
  ),
  'a template that is not the one of the rollout is kept as it is': on(
    standing({ ...states.progressing, revision: revisionOf(three) }),
    { template: one },
    { denied: 409 },
  ),
  'a candidate that only a policy holds waits to be taken up': on(
    aDeployment({ paused: true, annotations: { 'serin.dev/held-by': 'policy' } }),
    { template: two },
    { denied: 409 },
  ),
  'a mark that a policy left behind is kept, and says nothing of a pause that comes later': {
    asked: updating(
      aDeployment({ annotations: { 'serin.dev/held-by': 'policy' } }),
      aDeployment({ template: two, replicas: 0, paused: true }),
    ),
    expected: passed(true),
  },
  'how much of its own somebody writes is for kube-apiserver to judge': on(
    aDeployment(),
    { annotations: { notes: 'x'.repeat(263_000) } },
    passed(false),
  ),
  'more than kube-apiserver stores is refused with the reason': on(
    aDeployment({ annotations: { notes: 'x'.repeat(262_000) } }),
    { template: two },
    { denied: 422 },
  ),
  'the controller does as it likes': {
    asked: updating(
      standing(states.progressing),
      annotated(aDeployment({ template: two }), { [names.state]: 'x', [names.stable]: undefined }),
      controller,
    ),
    expected: { outcome: 'passed', paused: false, phase: undefined },
  },
};
