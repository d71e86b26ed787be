import {
  imageOf,
  kubectl,
  refused,
  patch,
  podSpec,
  template,
  web,
  workload,
  deployment,
  matching,
  never,
  shop,
  type Ways,
} from './words.ts';

/** Another Deployment, or none in between, and other things that run pods. */
export const ofDeployments: Ways = {
  delete: refused('delete', kubectl('delete deployment web')),
  'replace --force': refused('delete', kubectl('replace --force -f -', deployment('web', 'shop:2', web))),
  'delete and leave the ReplicaSet': refused('delete', kubectl('delete deployment web --cascade=orphan')),
  'delete all that match': refused('delete', {
    method: 'DELETE',
    path: `${shop}/deployments?fieldSelector=metadata.name%3Dweb`,
    body: {},
  }),
  'delete at zero replicas': refused('delete', kubectl('delete deployment idle')),
  'an owner that is then deleted': refused(
    'owner',
    patch('deployment web', {
      metadata: {
        ownerReferences: [
          {
            apiVersion: 'v1',
            kind: 'ConfigMap',
            name: 'web-config',
            uid: '0a6d1f6e-0000-4000-8000-000000000000',
          },
        ],
      },
    }),
  ),
  'a second Deployment': refused(
    'second-workload',
    kubectl('create -f -', deployment('web2', 'shop:2', web)),
  ),
  'a second Deployment through server-side apply': refused(
    'second-workload',
    kubectl('apply --server-side -f -', deployment('web2', 'shop:2', web)),
  ),
  'a second Deployment at zero replicas': refused(
    'second-workload',
    kubectl('create -f -', deployment('web2', 'shop:2', web, { replicas: 0 })),
  ),
  'another Deployment whose pods come to match': refused(
    'second-workload',
    patch('deployment other', { spec: { template: { metadata: { labels: { tier: 'front' } } } } }),
  ),
  'a ReplicaSet for the Deployment to adopt': refused(
    'second-workload',
    kubectl('create -f -', workload('apps/v1', 'ReplicaSet', 'web-0', matching)),
  ),
  'a bare pod': refused('second-workload', kubectl('run web-1 --image=shop:2 --labels=app=web')),
  'a pod in the name of the ReplicaSet': refused(
    'second-workload',
    kubectl('create -f -', {
      ...workload('v1', 'Pod', 'web-2', podSpec('shop:2')),
      metadata: {
        name: 'web-2',
        labels: web,
        ownerReferences: [
          {
            apiVersion: 'apps/v1',
            kind: 'ReplicaSet',
            name: 'web',
            uid: '0a6d1f6e-0000-4000-8000-000000000000',
            controller: true,
          },
        ],
      },
    }),
  ),
  'a StatefulSet': refused(
    'second-workload',
    kubectl('create -f -', workload('apps/v1', 'StatefulSet', 'web', { ...matching, serviceName: 'web' })),
  ),
  'a DaemonSet': refused(
    'second-workload',
    kubectl('create -f -', workload('apps/v1', 'DaemonSet', 'web', matching)),
  ),
  'a Job': refused(
    'second-workload',
    kubectl('create -f -', workload('batch/v1', 'Job', 'web', { template: template('shop:2', web, never) })),
  ),
  'a CronJob': refused(
    'second-workload',
    kubectl(
      'create -f -',
      workload('batch/v1', 'CronJob', 'web', {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: template('shop:2', web, never) } },
      }),
    ),
  ),
  'a ReplicationController': refused(
    'second-workload',
    kubectl(
      'create -f -',
      workload('v1', 'ReplicationController', 'web', { selector: web, template: template('shop:2', web) }),
    ),
  ),
  'a pod that is labelled into the Service': refused('second-workload', kubectl('label pod lone app=web')),
  'a copy of a pod with another image, which keeps its labels': refused(
    'second-workload',
    kubectl('debug POD --copy-to=web-3 --set-image=web=shop:2 --attach=false'),
  ),
};

/** What the Deployment controller made. */
export const ofPods: Ways = {
  'the template of the ReplicaSet': refused(
    'replica-set',
    patch('replicaset NEW', { spec: { ...imageOf('shop:2') } }),
  ),
  'an old ReplicaSet scaled up': refused('replica-set', kubectl('scale replicaset OLD --replicas=9')),
  'an old ReplicaSet patched up': refused('replica-set', patch('replicaset OLD', { spec: { replicas: 9 } })),
  'the ReplicaSet deleted': refused('replica-set', kubectl('delete replicaset NEW')),
  'the ReplicaSet disowned': refused(
    'replica-set',
    patch('replicaset NEW', { metadata: { ownerReferences: null } }),
  ),
  'the image of a pod': refused('pod-image', kubectl('set image pod/POD web=shop:2')),
  'a container put into a pod': refused(
    'pod-image',
    kubectl('debug POD --image=shop:2 --target=web --attach=false'),
  ),
};
