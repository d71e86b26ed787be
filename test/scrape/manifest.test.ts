import { deepEqual } from 'node:assert/strict';
import { test } from 'node:test';
import { parse } from 'yaml';
import { parseCommand } from '../../src/config/command.ts';
import { text, the } from '../rig/manifests.ts';

interface Policy {
  readonly metadata: { readonly namespace: string };
  readonly spec: {
    readonly podSelector: object;
    readonly policyTypes: readonly string[];
    readonly egress: readonly object[];
  };
}

test('the policy for --scrape lets Serin’s pods out to the port that is the default, in the namespaces it acts in, and no further', () => {
  const command = parseCommand(['controller', '--prometheus-url=http://prometheus', '--scrape=2s'], {});
  const port = command.kind === 'controller' ? command.scrape?.port : undefined;
  const { metadata, spec } = parse(text('manifests/scrape/network-policy.yaml')) as Policy;
  const pods = the('Deployment').spec.selector;
  deepEqual([metadata.namespace, spec.podSelector, spec.policyTypes], ['serin-system', pods, ['Egress']]);
  const acting = { namespaceSelector: { matchExpressions: [{ key: 'serin.dev/mode', operator: 'Exists' }] } };
  deepEqual(spec.egress, [{ to: [acting], ports: [{ port }] }]);
});
