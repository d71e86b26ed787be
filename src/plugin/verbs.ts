// Every verb of `kubectl canary`. What a verb needs is loaded when it runs, so that no other waits for it.
import { adviceVerbs } from './advice-verbs.ts';
import { allNamespaces, clusterFlags, outputFlags, serinFlag, timeoutFlag } from './flags.ts';
import { shells } from './shells.ts';
import type { Verb } from './verb.ts';

const oneName = { least: 1, most: 1 } as const;
const mayName = { least: 0, most: 1 } as const;
const reads = { ...clusterFlags, ...outputFlags };
const says = {
  ...clusterFlags,
  reason: { value: 'TEXT', about: 'why, for those who read the history and the Events' },
  wait: {
    about: 'comes back when that is so; what begins or ends a trial is followed to its end',
  },
  ...timeoutFlag,
};

/** In the order of help. */
export const verbs: readonly Verb[] = [
  {
    name: 'status',
    summary: 'what is live, what is on trial, why, how it does, and what comes next',
    takes: '[NAME]',
    positionals: mayName,
    flags: reads,
    examples: ['kubectl canary status web', 'kubectl canary status web -n shop -o json | jq .phase'],
    run: async (io, args) => (await import('./status.ts')).status(io, args),
  },
  {
    name: 'watch',
    summary: 'the same, kept current; without a name the list',
    takes: '[NAME]',
    positionals: mayName,
    flags: { ...reads, ...allNamespaces },
    run: async (io, args) => (await import('./watch.ts')).watch(io, args),
  },
  {
    name: 'list',
    summary: 'every Deployment that Serin releases, those that need somebody first',
    takes: '',
    positionals: { least: 0, most: 0 },
    flags: { ...reads, ...allNamespaces },
    examples: [
      'kubectl canary list -A',
      "kubectl canary list -A -o json | jq '.items[] | select(.attention)'",
    ],
    run: async (io, args) => (await import('./list.ts')).list(io, args),
  },
  {
    name: 'history',
    summary: 'the rollouts that have ended: how, when, by whom and why',
    takes: 'NAME',
    positionals: oneName,
    flags: reads,
    run: async (io, args) => (await import('./history.ts')).history(io, args),
  },
  {
    name: 'wait',
    summary: 'waits for the end of a rollout, for CI',
    takes: 'NAME',
    positionals: oneName,
    flags: {
      ...clusterFlags,
      revision: { value: 'REVISION', about: 'waits for this one, and fails where another takes its place' },
      image: { value: 'IMAGE', about: 'waits for the version with this image, with or without its registry' },
      ...timeoutFlag,
    },
    examples: ['kubectl apply -f web.yaml && kubectl canary wait web --image shop:2 --timeout 20m'],
    run: async (io, args) => (await import('./wait.ts')).wait(io, args),
  },
  {
    name: 'dashboard',
    summary: 'the same on a page in the browser, served from this machine',
    takes: '',
    positionals: { least: 0, most: 0 },
    flags: {
      ...clusterFlags,
      port: { value: 'PORT', about: 'of 127.0.0.1; any that is free where it is not said, or 0' },
      'allow-actions': { about: 'promote, abort, pause and so on by the page too, as yourself' },
      'no-open': { about: 'only says the address' },
      ...serinFlag,
    },
    examples: ['kubectl canary dashboard', 'kubectl canary dashboard --allow-actions --context prod'],
    run: async (io, args) => (await import('./dashboard.ts')).dashboard(io, args),
  },
  {
    name: 'promote',
    summary: 'ends the analysis as passed',
    takes: 'NAME',
    positionals: oneName,
    flags: says,
    examples: ["kubectl canary promote web --reason 'seen enough' --wait"],
    run: async (io, args) => (await import('./say.ts')).say('promote', io, args),
  },
  {
    name: 'abort',
    summary: 'gives the candidate up as failed; stable takes all traffic',
    takes: 'NAME',
    positionals: oneName,
    flags: says,
    examples: ["kubectl canary abort web --reason 'checkout is slow'"],
    run: async (io, args) => (await import('./say.ts')).say('abort', io, args),
  },
  {
    name: 'pause',
    summary: 'holds the weight; checks go on, and may roll back',
    takes: 'NAME',
    positionals: oneName,
    flags: says,
    run: async (io, args) => (await import('./say.ts')).say('pause', io, args),
  },
  {
    name: 'resume',
    summary: 'takes a pause off',
    takes: 'NAME',
    positionals: oneName,
    flags: says,
    run: async (io, args) => (await import('./say.ts')).say('resume', io, args),
  },
  {
    name: 'retry',
    summary: 'tries a failed candidate again from the start',
    takes: 'NAME',
    positionals: oneName,
    flags: says,
    run: async (io, args) => (await import('./say.ts')).say('retry', io, args),
  },
  {
    name: 'rollback',
    summary: 'makes what ran before the candidate, without an analysis',
    takes: 'NAME',
    positionals: oneName,
    flags: { ...says, to: { value: 'REVISION', about: 'an earlier revision of the history' } },
    examples: ['kubectl canary rollback web --to 5d1c7f0a3e --reason INC-4711 --wait'],
    run: async (io, args) => (await import('./say.ts')).say('rollback', io, args),
  },
  {
    name: 'completion',
    summary: `completion of verbs, flags and names: ${shells.join(', ')}`,
    takes: 'SHELL',
    positionals: { least: 1, most: 1, words: shells },
    flags: {},
    examples: [
      'kubectl canary completion kubectl > ~/.local/bin/kubectl_complete-canary  # for kubectl canary TAB',
    ],
    run: async (io, args) => (await import('./completion.ts')).completion(io, args),
  },
  ...adviceVerbs,
];
