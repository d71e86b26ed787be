// The verbs that change nothing and say what would come of it.
import { clusterFlags, serinFlag } from './flags.ts';
import type { Flags, Verb } from './verb.ts';

const dataFlags: Flags = {
  output: { short: 'o', value: 'FORMAT', choices: ['json', 'yaml'], about: 'json or yaml' },
};

const prometheusFlag: Flags = {
  'prometheus-url': {
    value: 'URL',
    about: "in place of Serin's own, which is asked through the API server",
  },
  ...serinFlag,
};

const files = (about: string, multiple: boolean): Flags => ({
  file: { short: 'f', value: 'FILE', about, ...(multiple ? { multiple: true } : {}) },
});

export const adviceVerbs: readonly Verb[] = [
  {
    name: 'plan',
    summary: 'what an apply would do, before it is done',
    takes: '-f FILE | deployment/NAME --image CONTAINER=IMAGE',
    positionals: { least: 0, most: 1 },
    flags: {
      ...files('what would be applied; - for standard input', true),
      image: { value: 'CONTAINER=IMAGE', multiple: true, about: 'of the Deployment that is named' },
      traffic: { value: 'RATE', about: 'requests to reckon with, as 100/s or 6000/m' },
      errors: { value: 'PERCENT', about: 'of them that fail with the stable version, as 0.1%' },
      ...prometheusFlag,
      ...dataFlags,
      ...clusterFlags,
    },
    examples: [
      'kubectl canary plan -f web.yaml',
      'kubectl canary plan deployment/web --image web=registry/web:1.4.2',
      'kubectl canary plan -f web.yaml --traffic 100/s --errors 0.1%',
    ],
    run: async (io, args) => (await import('./plan.ts')).plan(io, args),
  },
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
      'kubectl canary import -f canary.yaml | kubectl apply --server-side --field-manager=canary-plan -f -',
      'kubectl canary import --write -f rollout.yaml > deployment.yaml',
    ],
    run: async (io, args) => (await import('./import.ts')).importPlan(io, args),
  },
  {
    name: 'doctor',
    summary: 'whether everything is in order',
    takes: '[deployment/NAME]',
    positionals: { least: 0, most: 1 },
    flags: { ...prometheusFlag, ...dataFlags, ...clusterFlags },
    examples: ['kubectl canary doctor', 'kubectl canary doctor deployment/web -n shop'],
    run: async (io, args) => (await import('./doctor.ts')).doctor(io, args),
  },
];
