import { configRefs } from '../../config/config-refs.ts';
import { templateOf } from '../deployment.ts';
import { isTwin, namesOf } from './guarded.ts';
import type { Rule } from './rule.ts';

/** Configuration changed in place has a canary like a template (docs/config-releases.md), and yet reaches pods before it. */
export const mountedConfig: Rule = {
  id: 'mounted-config',
  effect: 'warn',
  looksAt: [
    { resource: 'configmaps', operations: ['UPDATE'] },
    { resource: 'secrets', operations: ['UPDATE'] },
  ],
  check({ resource, name }, around) {
    const kind = resource === 'secrets' ? 'Secret' : 'ConfigMap';
    const using = around
      .deployments()
      .filter((each) => !isTwin(each))
      .filter((each) =>
        configRefs(templateOf(each)).some((read) => read.kind === kind && read.name === name),
      );
    if (using.length === 0) return [];
    return [
      {
        seen: `${kind} ${name} is changed in place and ${namesOf(using)} ${using.length === 1 ? 'uses' : 'use'} it: mounted files change, and pods that start read it, before a canary has tried it`,
        todo: `make a ${kind} with another name and name that in the template`,
      },
    ];
  },
};
