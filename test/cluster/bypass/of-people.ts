import { kubectl, as, refused, patch, annotated, imageOf, type Ways } from './words.ts';

/** What somebody may not do, or says that they may. */
export const ofPeople: Ways = {
  'bypass without the verb': refused(
    /RBAC verb bypass on deployments\.serin\.dev/,
    patch('deployment web', annotated({ 'serin.dev/bypass': 'hurry' }, { spec: imageOf('shop:2') }), 'dev'),
  ),
  'bypass without the verb, to delete': refused(
    /dev does not have the RBAC verb bypass/,
    as('dev', 'annotate deployment web serin.dev/bypass=faster --overwrite'),
    as('dev', 'delete deployment web'),
  ),
  'bypass without a reason': refused(
    'strategy',
    patch('deployment web', {
      metadata: { annotations: { 'serin.dev/bypass': ' ' } },
      spec: { strategy: { type: 'Recreate', rollingUpdate: null } },
    }),
  ),
  'bypass with the reason of another request': refused(
    'strategy',
    kubectl('annotate deployment web serin.dev/bypass=earlier --overwrite'),
    patch('deployment web', { spec: { strategy: { type: 'Recreate', rollingUpdate: null } } }),
  ),
  'a command that is none': refused(
    /serin\.dev\/command: do: expected promote or abort/,
    kubectl('annotate deployment web serin.dev/command=ship'),
  ),
  'a command where nothing is on trial': refused(
    /web has no rollout to tell anything/,
    kubectl('annotate deployment web serin.dev/command=promote'),
  ),
  'the label off the namespace': refused(
    /\[namespace\] the rules of namespace shop are taken off/,
    as('dev', 'label namespace shop serin.dev/mode-'),
  ),
  'the namespace back to canary': refused(
    /\[namespace\]/,
    as('dev', 'label namespace shop serin.dev/mode=canary --overwrite'),
  ),
  'the namespace to warnings': refused(
    /\[namespace\]/,
    as('dev', 'label namespace shop serin.dev/enforce=warn'),
  ),
  'the namespace through its status': refused(
    /\[namespace\]/,
    as(
      'dev',
      'patch namespace shop --subresource=status --type=merge -p={"metadata":{"labels":{"serin.dev/mode":null}}}',
    ),
  ),
  'in the name of Serin': refused(
    /cannot impersonate/,
    kubectl(
      '--kubeconfig=DEVCONFIG --as=system:serviceaccount:serin-system:serin set image deployment/web web=shop:2',
    ),
  ),
  'a dry run': refused(
    'strategy',
    patch('deployment web --dry-run=server', {
      spec: { strategy: { type: 'Recreate', rollingUpdate: null } },
    }),
  ),
  'in an API that is gone': refused(/could not find the requested resource|not find|404/, {
    method: 'PATCH',
    path: '/apis/extensions/v1beta1/namespaces/shop/deployments/web',
    body: { spec: { ...imageOf('shop:2') } },
  }),
};
