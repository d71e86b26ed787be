// The verbs that change nothing and say what would come of it.
import type { Flags, Verb } from './verb.ts';

const dataFlags: Flags = {
  output: { short: 'o', value: 'FORMAT', choices: ['json', 'yaml'], about: 'json or yaml' },
};

const files = (about: string, multiple: boolean): Flags => ({
  file: { short: 'f', value: 'FILE', about, ...(multiple ? { multiple: true } : {}) },
});

export const adviceVerbs: readonly Verb[] = [
  {
    name: 'lint',
    summary: 'what is wrong with a file, without a cluster',
    takes: '-f FILE...',
    positionals: { least: 0, most: 0 },
    flags: {
      ...files('Deployments, plans, Canaries, values of a chart; - for standard input', true),
      strict: { about: 'warnings count as errors' },
      ...dataFlags,
    },
    examples: ['kubectl canary lint -f web.yaml', 'helm template . | kubectl canary lint -f -'],
    run: async (io, args) => (await import('./lint.ts')).lint(io, args),
  },
  {
    name: 'import',
    summary: 'a Canary of Flagger or a Rollout of Argo as a plan',
    takes: '-f FILE',
    positionals: { least: 0, most: 0 },
    flags: {
      ...files('with the templates of its metrics; - for standard input', true),
      write: { about: 'a whole Deployment for a Rollout that has a pod template' },
      ...dataFlags,
    },
    examples: [
      'kubectl canary import -f canary.yaml | kubectl apply --server-side -f -',
      'kubectl canary import --write -f rollout.yaml > deployment.yaml',
    ],
    run: async (io, args) => (await import('./import.ts')).importPlan(io, args),
  },
];
