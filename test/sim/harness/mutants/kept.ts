// What pods read, what guards them, whose routes they are, and the twin's own scaler.
import type { Mutant } from '../mutant.ts';

export const ofKept: readonly Mutant[] = [
  {
    name: 'content-not-held',
    file: 'controller/config-candidate.ts',
    text: "...(paused === undefined ? [] : [{ op: 'add', path: '/spec/paused', value: paused } as const]),",
    becomes: "...(paused === undefined ? [] : [{ op: 'add', path: '/spec/paused', value: false } as const]),",
    removes:
      'the write that makes a change of a ConfigMap the candidate does not keep it from the pods of main',
    caughtBy: [{ reference: 'a change of what pods read' }],
  },
  {
    name: 'content-unheard',
    file: 'controller/config-follow.ts',
    text: 'onChange: (namespace, ref) => lookAt(releases.readersOf(deployments.inNamespace(namespace), ref)),',
    becomes: 'onChange: (namespace, ref) => lookAt(releases.readersOf([], namespace + ref)),',
    removes: 'nobody looks at a Deployment when what its pods read has changed',
    caughtBy: [{ reference: 'a change of what pods read' }],
  },
  {
    name: 'content-with-labels',
    file: 'controller/config-digest.ts',
    text: "contentOf: (object) => digest([objectAt(object, 'data'), objectAt(object, 'binaryData')]),",
    becomes:
      "contentOf: (object) => digest([objectAt(object, 'data'), objectAt(object.metadata, 'labels')]),",
    removes: 'a label of a ConfigMap is a release',
    caughtBy: [{ regression: 'a-label-of-what-pods-read-is-no-release' }],
  },
  {
    name: 'content-not-put-back',
    file: 'controller/config-candidate.ts',
    text: 'if (isSame(candidate, stable)) return givingUp(state, state.actor, back);',
    becomes: 'if (isSame(candidate, back)) return givingUp(state, state.actor, back);',
    removes: 'a content that is put back is tried like another, in place of the end of the trial',
    caughtBy: [{ reference: 'a change of what pods read, put back' }],
  },
  {
    name: 'guards-of-the-beginning-alone',
    file: 'controller/act-shadow.ts',
    text: "(noted !== undefined && isKnown && !state.phase.startsWith('Promoting'))",
    becomes: '(noted !== undefined && isKnown)',
    removes: 'a policy that came on trial does not guard the twin when it carries everything',
    caughtBy: [{ regression: 'a-policy-that-comes-on-trial-guards-who-carries-all' }],
  },
  {
    name: 'guards-left-behind',
    file: 'controller/act-shadow.ts',
    text: 'for (const each of there ?? []) if (isShadowFor(each, uid)) await remove(kube, resource, each);',
    becomes: 'if (there === undefined) return;',
    removes: 'the shadows of policies stay when the twin has gone',
    caughtBy: [{ reference: 'with tls and tcp beside http, and policies of the mesh' }],
  },
  {
    name: 'scaler-left-behind',
    file: 'controller/act-shadow.ts',
    text: 'const all = Object.entries({ ...resourceOf, ...scalerResources });',
    becomes: 'const all = Object.entries({ ...resourceOf });',
    removes: "the twin's own scaler stays when the twin has gone",
    caughtBy: [{ reference: 'with a scaler of its own' }],
  },
  {
    name: 'namesake-split',
    file: 'routing/destinations.ts',
    text: 'if (second !== home) return false;',
    becomes: "if (second !== home && second === '') return false;",
    removes: 'a Service of the same name in another namespace is taken for the one that is split',
    caughtBy: [{ regression: 'the-service-of-that-name-next-door-keeps-its-traffic' }],
  },
  {
    name: 'layers-unsplit',
    file: 'routing/stage.ts',
    text: "export const protocols = ['http', 'tls', 'tcp'] as const;",
    becomes: "export const protocols = ['http', 'tls'] as const;",
    removes: 'tcp routes give the canary nothing',
    caughtBy: [{ reference: 'with tls and tcp beside http, and policies of the mesh' }],
  },
  {
    name: 'gate-passed-for-another',
    file: 'rollout/gating.ts',
    text: 'if (rises && isOf(ledger, state) && ledger.last?.verdict === unconfirmed)',
    becomes: 'if (rises && ledger !== undefined && ledger.last?.verdict === unconfirmed)',
    removes: 'what the last check of another candidate came to is taken for a gate that is open',
    caughtBy: [{ regression: 'a-gate-is-asked-for-each-candidate' }],
  },
];
