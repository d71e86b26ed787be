// AdmissionReviews as kube-apiserver sends them.
import type { JsonObject } from '../../src/rollout/types.ts';
import { aDeployment, templates } from './deployments.ts';

/** The request of a review: ann changes the template of shop/web. */
export function aRequest(changes: JsonObject = {}): JsonObject {
  return {
    uid: 'u-1',
    kind: { group: 'apps', version: 'v1', kind: 'Deployment' },
    resource: { group: 'apps', version: 'v1', resource: 'deployments' },
    name: 'web',
    namespace: 'shop',
    operation: 'UPDATE',
    userInfo: { username: 'ann', groups: ['system:authenticated'] },
    object: aDeployment({ template: templates.two }),
    oldObject: aDeployment(),
    dryRun: false,
    options: { kind: 'UpdateOptions', apiVersion: 'meta.k8s.io/v1', fieldManager: 'kubectl' },
    ...changes,
  };
}

export function aReview(changes: JsonObject = {}): JsonObject {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: aRequest(changes) };
}
