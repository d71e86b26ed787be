import { deepEqual, ok } from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseSettings } from '../../src/chatops/settings.ts';
import { parseCommand } from '../../src/config/command.ts';
import { text } from '../rig/manifests.ts';

interface Role {
  readonly rules: readonly {
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
    readonly resourceNames?: readonly string[];
  }[];
}
interface Workload {
  readonly spec: {
    readonly replicas: number;
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly args: readonly string[] }[] };
    };
  };
}

test('it may read Deployments, ask, and be those whom the settings name, and nobody else', () => {
  const [role = ''] = text('manifests/chatops/cluster-role.yaml').split('\n---\n');
  const { rules } = parse(role) as Role;
  const map = parse(text('manifests/chatops/config-map.yaml')) as { readonly data: Record<string, string> };
  const settings = parseSettings(map.data['chatops.yaml'] ?? '');
  ok('github' in settings);
  const people = [...(settings.github?.people.values() ?? [])];
  deepEqual(
    rules.map(({ resources, verbs, resourceNames }) => [...resources, ...verbs, ...(resourceNames ?? [])]),
    [
      ['deployments', 'get', 'list', 'watch'],
      ['subjectaccessreviews', 'create'],
      ['users', 'impersonate', ...people.map(({ user }) => user)],
      ['groups', 'impersonate', ...people.flatMap(({ groups }) => groups)],
    ],
  );
});

test('one of it runs, with a command line that it takes', () => {
  const { spec } = parse(text('manifests/chatops/deployment.yaml')) as Workload;
  const args = spec.template.spec.containers[0]?.args ?? [];
  const command = parseCommand(args, {});
  deepEqual([spec.replicas, command.kind], [1, 'chatops']);
});
