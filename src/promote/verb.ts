import { clusterFlags } from '../plugin/flags.ts';
import type { Verb } from '../plugin/verb.ts';
import { kinds } from './kinds/kind.ts';
import { forgeKinds } from './remote.ts';

/** `serin promote`, as docs/promote.md has it. */
export const promoteVerb: Verb = {
  program: 'serin',
  name: 'promote',
  takes: 'APP -v VERSION -e ENVIRONMENT',
  summary: 'a version to an environment: writes it where that is described, and follows it to the verdict',
  positionals: { least: 1, most: 1 },
  flags: {
    version: { short: 'v', value: 'VERSION', about: 'of the chart, or the tag of the image; else $VERSION' },
    environment: { short: 'e', value: 'NAME', about: 'which of .serin.yaml, or as folders are called' },
    repo: { value: 'ADDRESS', about: 'the repository of the environment, or a folder' },
    branch: { value: 'BRANCH', about: 'that the environment is made of; else the repository’s own' },
    path: { value: 'PATH', about: 'file or folder in the repository; else it is found' },
    kind: { value: 'KIND', choices: kinds, about: 'what the version stands in; else it is found' },
    key: { value: 'KEY', about: 'where it stands in a values file, as web.image.tag' },
    image: { value: 'NAME', about: 'what the image is called, where not as the application' },
    deployment: { value: 'NAME', about: 'the Deployment, where it is not called as the application' },
    container: { value: 'NAME', about: 'of the Deployment, where several could be meant' },
    direct: { about: 'sets the image in the cluster, without a repository' },
    push: { about: 'pushes to the branch itself, without a request' },
    'auto-merge': { about: 'merges the request as soon as it may be' },
    'rollback-on-failure': { about: 'where the canary fails, asks for the earlier version the same way' },
    'no-wait': { about: 'comes back when it is asked for' },
    forge: { value: 'KIND', choices: forgeKinds, about: 'what the repository is on; else from its address' },
    api: { value: 'ADDRESS', about: 'of the forge’s API, where it is not the usual one' },
    settings: { value: 'FILE', about: 'in place of .serin.yaml' },
    timeout: { value: 'TIME', duration: true, about: 'for all of it, as 30m; else 1h' },
    output: { short: 'o', value: 'FORMAT', choices: ['json'], about: 'one object at the end, for programs' },
    ...clusterFlags,
  },
  examples: [
    'serin promote web --version 1.4.2 --environment production --auto-merge',
    'serin promote web -v 1.4.2 -e production --repo git@github.com:acme/env.git --push',
    'serin promote web -v 1.4.2 -e production --direct -n shop --rollback-on-failure',
  ],
  run: async (io, args) => (await import('./promote.ts')).promote(io, args),
};
