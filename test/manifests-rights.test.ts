// What Serin may do in a cluster, and what people may tell it: the whole of its RBAC.
import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { resources } from '../src/kube/objects.ts';
import { verbs } from '../src/rollout/command.ts';
import { all, parsed, the } from './rig/manifests.ts';

test('Serin may do this and nothing else', () => {
  const lines = ['ClusterRole', 'Role'].flatMap((kind) =>
    the(kind, 'serin').rules.map((rule) =>
      [kind, rule.apiGroups, rule.resources, rule.resourceNames ?? '(any)', rule.verbs]
        .map(String)
        .join(' | '),
    ),
  );
  deepEqual(lines, [
    'ClusterRole | apps | deployments | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | apps | deployments/status | (any) | patch',
    'ClusterRole | apps | deployments/scale | (any) | patch',
    'ClusterRole | apps | replicasets | (any) | list',
    'ClusterRole |  | services | (any) | get,list,watch,create,patch,delete',
    'ClusterRole |  | pods | (any) | list',
    'ClusterRole |  | configmaps | serin | get,list,watch',
    'ClusterRole |  | configmaps | (any) | list,watch',
    'ClusterRole |  | events | (any) | get,create,patch',
    'ClusterRole |  | namespaces | (any) | list,watch',
    'ClusterRole | autoscaling | horizontalpodautoscalers | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | keda.sh | scaledobjects | (any) | get,list,create,patch,delete',
    'ClusterRole | networking.k8s.io | networkpolicies | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | policy | poddisruptionbudgets | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | security.istio.io | authorizationpolicies,peerauthentications,requestauthentications | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | monitoring.coreos.com | podmonitors | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | networking.istio.io | destinationrules | (any) | list,watch,create,patch,delete',
    'ClusterRole | networking.istio.io | virtualservices | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | gateway.networking.k8s.io | httproutes,grpcroutes | (any) | get,list,watch,create,patch,delete',
    'ClusterRole | flagger.app | metrictemplates | (any) | get',
    'ClusterRole | authorization.k8s.io | subjectaccessreviews | (any) | create',
    'ClusterRole | admissionregistration.k8s.io | mutatingwebhookconfigurations,validatingwebhookconfigurations | serin | get,list,watch,patch',
    'ClusterRole | admissionregistration.k8s.io | mutatingadmissionpolicies | (any) | list',
    'Role | coordination.k8s.io | leases | (any) | create',
    'Role | coordination.k8s.io | leases | serin | get,patch',
    'Role |  | configmaps | (any) | create',
    'Role |  | configmaps | serin | patch',
    'Role |  | configmaps | serin-messages | get,patch',
    'Role |  | secrets | (any) | create',
    'Role |  | secrets | serin-certs | get,list,watch,patch',
    'Role |  | secrets | serin-config | get,patch',
    'Role |  | secrets | serin-prometheus | get',
  ]);
});

test('a change of a Secret is a release only where its overlay was installed', () => {
  const [role] = parsed('manifests/secret-releases/cluster-role.yaml');
  deepEqual(role?.['rules'], [{ apiGroups: [''], resources: ['secrets'], verbs: ['list', 'watch'] }]);
});

test('every kind that Serin knows is in its rules, and none but these', () => {
  const granted = ['ClusterRole', 'Role'].flatMap((kind) =>
    the(kind, 'serin').rules.flatMap((rule) =>
      rule.resources.map((plural) => `${rule.apiGroups[0]}/${plural}`),
    ),
  );
  const known = Object.values(resources).map(({ group, plural }) => `${group}/${plural}`);
  // A question, and nothing that is kept.
  known.push('authorization.k8s.io/subjectaccessreviews');
  deepEqual(
    [...new Set(granted.filter((name) => name.split('/').length === 2))].toSorted(),
    known.toSorted(),
  );
});

test('who may edit may keep a candidate back; to go on without evidence is given by name, and to bypass in no role', () => {
  const [edit, operator] = ['serin-edit', 'serin-operator'].map((name) => the('ClusterRole', name));
  const rule = (which: readonly string[]): object => {
    return { apiGroups: ['serin.dev'], resources: ['deployments'], verbs: which };
  };
  deepEqual(edit?.rules, [rule(['abort', 'pause', 'resume'])]);
  deepEqual(operator?.rules, [rule(verbs)]);
  const looks = new Set(the('ClusterRole', 'serin-view').rules.flatMap((each) => each.verbs));
  deepEqual([...looks], ['get', 'list', 'watch']);
  const aggregated = all('ClusterRole').filter(({ metadata }) => metadata.labels !== undefined);
  deepEqual(
    aggregated.map(({ metadata }) => [metadata.name, metadata.labels]),
    [
      ['serin-view', { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }],
      ['serin-edit', { 'rbac.authorization.k8s.io/aggregate-to-edit': 'true' }],
    ],
  );
});
