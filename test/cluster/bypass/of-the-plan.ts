import { imageOf, kubectl, refused, patch, annotated, planned, settings, type Ways } from './words.ts';

/** What weakens the canary, or goes around it with the Deployment itself. */
export const ofThePlan: Ways = {
  'strategy Recreate': refused(
    'strategy',
    patch('deployment web', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }),
  ),
  'maxUnavailable 100%': refused(
    'strategy',
    patch('deployment web', { spec: { strategy: { rollingUpdate: { maxUnavailable: '100%' } } } }),
  ),
  'maxUnavailable of all replicas': refused(
    'strategy',
    patch('deployment web', { spec: { strategy: { rollingUpdate: { maxUnavailable: 2 } } } }),
  ),
  'opt-out': refused('opt-out', kubectl('annotate deployment web serin.dev/canary=disabled')),
  'opt-out by enabled: false': refused(
    'opt-out',
    patch('deployment web', annotated({ 'serin.dev/canary': 'enabled: false' })),
  ),
  'opt-out together with the image': refused(
    'opt-out',
    patch('deployment web', {
      metadata: { annotations: { 'serin.dev/canary': 'disabled' } },
      spec: { ...imageOf('shop:2') },
    }),
  ),
  'a plan that goes to 100 at once': refused('plan', planned({ interval: '60s', stepWeights: [100] })),
  'a plan with one great step': refused('plan', planned({ interval: '60s', stepWeights: [1, 99] })),
  'a plan without metrics': refused('plan', planned({ interval: '60s', metrics: [] })),
  'a plan whose metric cannot fail': refused(
    'plan',
    planned({ interval: '60s', metrics: [{ name: 'request-success-rate', thresholdRange: { min: 0 } }] }),
  ),
  'a plan that skips the analysis': refused(
    /\[plan\] the plan skips the analysis, for which the RBAC verb promote .+ is missing/,
    patch(
      'deployment web',
      annotated({ 'serin.dev/canary': 'skipAnalysis: true\nanalysis: {interval: 60s, stepWeights: [20]}' }),
      'dev',
    ),
  ),
  'an interval under the floor': refused('plan', planned({ interval: '1s' })),
  'a threshold over the floor': refused('plan', planned({ interval: '60s', threshold: 500 })),
  'defaults that go to 100 at once': refused(
    'plan',
    settings('canary.yaml', '{"analysis":{"stepWeights":[100]}}'),
  ),
  'a floor that sinks': refused(
    'floor',
    settings('enforce.yaml', '{"interval":"1s","threshold":10,"step":50}'),
  ),
  'the floor deleted': refused('floor', kubectl('delete configmap serin')),
  'the template at zero replicas': refused('zero-replicas', kubectl('set image deployment/idle web=shop:2')),
  'zero replicas and the template in one': refused(
    'zero-replicas',
    patch('deployment web', { spec: { replicas: 0, ...imageOf('shop:2') } }),
  ),
  'from zero replicas and the template in one': refused(
    'zero-replicas',
    patch('deployment idle', { spec: { replicas: 2, ...imageOf('shop:2') } }),
  ),
  'a tag that moves': refused('mutable-tag', kubectl('set image deployment/web web=shop:latest')),
  'no tag': refused('mutable-tag', kubectl('set image deployment/web web=shop')),
};
