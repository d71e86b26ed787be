// Flags that several verbs share, named as kubectl's.
import type { Flags } from './verb.ts';

/** Which cluster, and as whom: for every verb that asks the API server. */
export const clusterFlags: Flags = {
  namespace: { short: 'n', value: 'NAMESPACE', about: 'where the Deployment is; else that of the context' },
  context: { value: 'NAME', about: 'the context of the kubeconfig' },
  kubeconfig: { value: 'FILE', about: 'in place of KUBECONFIG and ~/.kube/config' },
  as: { value: 'USER', about: 'asks as somebody else, where you may' },
  'as-group': { value: 'GROUP', multiple: true, about: 'of that somebody' },
};

/** For every verb that looks at Serin itself. */
export const serinFlag: Flags = {
  'serin-namespace': { value: 'NAMESPACE', about: 'where Serin is installed; else serin-system' },
};

export const allNamespaces: Flags = {
  'all-namespaces': { short: 'A', about: 'in every namespace' },
};

/** For every verb that shows something. */
export const outputFlags: Flags = {
  output: { short: 'o', value: 'FORMAT', choices: ['json', 'yaml', 'wide'], about: 'json, yaml or wide' },
};

/** For every verb that is told to wait. */
export const timeoutFlag: Flags = {
  timeout: { value: 'TIME', duration: true, about: 'how long to wait, as 10m' },
};

/** What every verb takes. */
export const everywhere: Flags = {
  'no-color': { about: 'plain text; so does NO_COLOR' },
  help: { short: 'h', about: 'what the verb does' },
};
