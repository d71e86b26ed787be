import type { JsonObject } from '../../../src/rollout/types.ts';
import type { Admitted } from './admission.ts';
import { frozen } from './frozen.ts';
import { managerOf } from './owners.ts';

const optionKinds = { CREATE: 'CreateOptions', UPDATE: 'UpdateOptions', DELETE: 'DeleteOptions' } as const;

/** The AdmissionReview that kube-apiserver asks a webhook with. */
export function reviewOf(write: Admitted, uid: string): JsonObject {
  const { call, operation, name, object, oldObject, dryRun } = write;
  const { group, version, kind, plural } = call.resource;
  const kindOf = { group, version, kind };
  const resource = { group, version, resource: plural };
  const { username } = call.caller;
  const request: JsonObject = {
    ...{ uid, kind: kindOf, resource },
    ...(call.subresource === undefined ? {} : { subResource: call.subresource }),
    ...{ requestKind: kindOf, requestResource: resource },
    ...(call.subresource === undefined ? {} : { requestSubResource: call.subresource }),
    ...(name === '' ? {} : { name }),
    ...(call.namespace === undefined ? {} : { namespace: call.namespace }),
    operation,
    userInfo: { username, groups: groupsOf(username) },
    object: object ?? null,
    oldObject: oldObject ?? null,
    dryRun,
    options: optionsOf(write),
  };
  return frozen({ kind: 'AdmissionReview', apiVersion: 'admission.k8s.io/v1', request });
}

function groupsOf(username: string): readonly string[] {
  const [, , kind, namespace] = username.split(':');
  const isAccount =
    kind !== undefined && namespace !== undefined && username.startsWith('system:serviceaccount:');
  const own = isAccount ? ['system:serviceaccounts', `system:serviceaccounts:${kind}`] : [];
  return [...own, 'system:authenticated'];
}

function optionsOf({ call, operation, dryRun }: Admitted): JsonObject {
  return {
    ...{ kind: optionKinds[operation], apiVersion: 'meta.k8s.io/v1' },
    ...(dryRun ? { dryRun: ['All'] } : {}),
    ...(operation === 'DELETE' ? {} : { fieldManager: managerOf(call) }),
    ...(call.patchType === 'apply' && call.query['force'] === 'true' ? { force: true } : {}),
  };
}
