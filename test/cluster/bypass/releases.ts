import type { JsonObject } from '../../../src/rollout/types.ts';
import {
  annotated,
  as,
  kubectl,
  refused,
  passes,
  word,
  patch,
  imageOf,
  web,
  deployment,
  destination,
  shop,
  type Step,
  type Ways,
} from './words.ts';

const raw = (method: 'PUT' | 'PATCH', body: JsonObject, query = ''): Step => ({
  method,
  path: `${shop}/deployments/web${query}`,
  body,
});

/** The release itself, by whatever client: held, and tried as a canary. IMAGE is another one each time. */
export const releases: Ways = {
  'kubectl rollout undo, to a version that was bad': passes(kubectl('rollout undo deployment/web')),
  'the old version, a pause, an image, and the end of the pause': passes(
    kubectl('set image deployment/web web=shop:1'),
    kubectl('rollout pause deployment/web'),
    kubectl('set image deployment/web web=IMAGE'),
    kubectl('rollout resume deployment/web'),
  ),
  'kubectl set image': passes(kubectl('set image deployment/web web=IMAGE')),
  'kubectl apply': passes(kubectl('apply -f -', deployment('web', 'IMAGE', web))),
  'kubectl apply --server-side': passes(
    kubectl('apply --server-side --force-conflicts -f -', deployment('web', 'IMAGE', web)),
  ),
  'kubectl replace': passes(kubectl('replace -f -', deployment('web', 'IMAGE', web, { replicas: 2 }))),
  'a strategic patch': passes(kubectl(`patch deployment web -p=${word({ spec: imageOf('IMAGE') })}`)),
  'a JSON patch': passes(
    kubectl(
      `patch deployment web --type=json -p=${word([{ op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'IMAGE' }])}`,
    ),
  ),
  'a merge patch with the hold taken off': passes(
    patch('deployment web', { spec: { paused: false, ...imageOf('IMAGE') } }),
  ),
  'a PUT': passes(raw('PUT', deployment('web', 'IMAGE', web, { replicas: 2 }))),
  'a patch that forges the record of a rollout that ended well': passes(
    raw('PATCH', {
      metadata: {
        annotations: { 'serin.dev/state': '{"v":1,"phase":"Succeeded"}', 'serin.dev/stable': null },
      },
      spec: { paused: false, ...imageOf('IMAGE') },
    }),
  ),
  'a patch that says it is a twin': passes(
    raw('PATCH', { metadata: { annotations: { 'serin.dev/twin-of': 'web' } }, spec: imageOf('IMAGE') }),
  ),
  'a patch that says a policy holds it': passes(
    raw('PATCH', {
      metadata: { annotations: { 'serin.dev/held-by': 'policy' } },
      spec: { paused: true, ...imageOf('IMAGE') },
    }),
  ),
  'kubectl set env': passes(kubectl('set env deployment/web COLOUR=IMAGE')),
  'another container': passes(
    patch('deployment web', {
      spec: { template: { spec: { initContainers: [{ name: 'first', image: 'IMAGE' }] } } },
    }),
  ),
  'kubectl set resources': passes(kubectl('set resources deployment/web --requests=cpu=1m')),
  'a hold taken off by hand': passes(kubectl('rollout resume deployment/web')),
  'a record taken away by hand': passes(
    kubectl('annotate deployment web serin.dev/state- serin.dev/stable-'),
  ),
  'a record written by hand': passes(kubectl('annotate deployment web serin.dev/state={} --overwrite')),
  'a scale of what is held': passes(kubectl('scale deployment web --replicas=2')),
};

/** While the canary runs: what is the rollout's own. */
export const ofTheRollout: Ways = {
  'the image of the twin': refused('serin-object', kubectl('set image deployment/web-canary web=shop:3')),
  'more pods of the twin': refused('serin-object', patch('deployment web-canary', { spec: { replicas: 9 } })),
  'the twin deleted': refused('serin-object', kubectl('delete deployment web-canary')),
  'the Service of the twin': refused('serin-object', kubectl('set selector service web-canary app=web-v2')),
  'pods behind the Service of the twin': refused(
    'second-workload',
    kubectl('run web-9 --image=shop:2 --labels=TWINLABELS'),
  ),
  'promotion by whoever may not': refused(
    /dev may not promote web: the RBAC verb promote on deployments.serin.dev in shop is missing/,
    as('dev', 'annotate deployment web serin.dev/command=promote'),
  ),
  'promotion in the name of another': refused(
    /dev may not promote web/,
    as('dev', `annotate deployment web serin.dev/command=${word({ do: 'promote', actor: 'admin' })}`),
  ),
  'promotion together with a version': refused(
    /one at a time/,
    patch('deployment web', annotated({ 'serin.dev/command': 'promote' }, { spec: imageOf('shop:9') })),
  ),
  'promotion through the status': refused(
    /cannot be changed through the status/,
    patch('deployment web --subresource=status', annotated({ 'serin.dev/command': 'promote' })),
  ),
  'a deletion in the middle': refused('delete', kubectl('delete deployment web')),
  'an opt-out in the middle': refused(
    'opt-out',
    kubectl('annotate deployment web serin.dev/canary=disabled --overwrite'),
  ),
};

/** While the canary runs, written into its routes: taken, with the split as it was. */
export const carried: Ways = {
  'all weight to the twin': passes(
    patch('virtualservice shop', { spec: { http: [{ route: [destination('web-canary')] }] } }),
  ),
  'a little more weight to the twin': passes(
    patch('virtualservice shop', {
      spec: {
        http: [
          {
            route: [
              { ...destination('web'), weight: 70 },
              { ...destination('web-canary'), weight: 30 },
            ],
          },
        ],
      },
    }),
  ),
  'what Serin remembers of the split': passes(
    kubectl('annotate virtualservice shop serin.dev/split={} --overwrite'),
  ),
};
