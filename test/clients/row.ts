// What clients do and what comes of it, as data: the tests do it on a real control plane, docs/clients.md shows it.
import type { KubeObject } from '../../src/kube/objects.ts';
import type { Phase } from '../../src/rollout/types.ts';
import type { ArgoHealth, Kstatus } from '../rig/health.ts';
import type { Outcome } from '../rig/run-program.ts';

/** Where the Deployment stands before. Its stable version is shop:1; shop:2 is a good candidate, shop:missing a bad one. */
export type Begin =
  /** There is none; the row makes it. */
  | 'absent'
  /** shop:1 serves and nothing else is going on. */
  | 'serving'
  /** shop:1 serves, and shop:0 ran before it. */
  | 'upgraded'
  /** shop:1 serves, paused by its owner. */
  | 'paused'
  /** shop:2 is held and on trial. */
  | 'held'
  /** shop:missing was held and has failed. */
  | 'failed'
  /** shop:2 was held, and the stable version applied again. */
  | 'aborted';

/** One Deployment of a row's own, and who works on it. */
export interface Place {
  readonly name: string;
  readonly namespace: string;
  /** A folder of the row's own. */
  readonly folder: string;
  /** Runs kubectl in the namespace; `$NAME` in the line is the Deployment's name. */
  kubectl(
    line: string,
    options?: { readonly input?: string; readonly env?: Record<string, string> },
  ): Promise<Outcome>;
  /** Runs helm of that major version, likewise. */
  helm(major: 3 | 4, line: string): Promise<Outcome>;
  /** The Deployment as its owner keeps it in a file. */
  manifest(
    image: string,
    changes?: { readonly env?: string; readonly annotations?: Record<string, string> },
  ): string;
  now(): Promise<KubeObject>;
  /** Comes back when that holds of the Deployment. */
  until(what: string, holds: (deployment: KubeObject) => boolean): Promise<void>;
}

export interface Ends {
  /** The writes on the Deployment, as the API server's audit log has them: verb, field manager, and the code of a refusal. */
  readonly sent: string;
  /** Whether the webhook was asked. */
  readonly asked: boolean;
  readonly code: number;
  /** What the program printed to stderr; REV stands for a revision, TIME for a time. */
  readonly told: string;
  /** Of the Deployment: the image in its template, or that it is gone. */
  readonly template: string;
  readonly hold: 'held' | 'paused' | 'none';
  readonly phase: Phase | 'none';
  /** What became of the pods that served before. */
  readonly pods: 'kept' | 'replaced';
  /** What `kubectl rollout status` does now. */
  readonly rolloutStatus: 'done' | 'waits' | 'fails' | 'not found';
  readonly kstatus: Kstatus | 'NotFound';
  readonly argo: ArgoHealth | 'Missing';
}

export interface Row {
  readonly does: string;
  readonly begins: Begin;
  /** A sentence for the reader where the columns do not say it all. */
  readonly note?: string;
  /** What else comes first and is not looked at. */
  readonly prepare?: (place: Place) => Promise<void>;
  readonly act: (place: Place) => Promise<Outcome>;
  readonly ends: Ends;
  /** What else must be so. */
  readonly also?: (place: Place, before: KubeObject) => Promise<void>;
}

const still = { code: 0, told: '', pods: 'kept' } as const;
const shownWaiting = { rolloutStatus: 'waits', kstatus: 'InProgress', argo: 'Suspended' } as const;
const shownDone = { rolloutStatus: 'done', kstatus: 'Current', argo: 'Healthy' } as const;

export const heldWarning =
  'Warning: held: web rolls out as a canary; follow it with kubectl rollout status deploy/web';
export const supersededWarning =
  'Warning: held: web rolls out as a canary in place of revision REV; follow it with kubectl rollout status deploy/web';
export const abortedWarning = 'Warning: the rollout of revision REV ends: web stays at its stable version';

/** `image` is held and on trial. */
export const held = (sent: string, image: string, more: Partial<Ends> = {}): Ends => ({
  ...{ ...still, ...shownWaiting, sent, asked: true, template: image, hold: 'held', phase: 'Progressing' },
  ...{ told: heldWarning, ...more },
});

/** Nothing is held, and the stable version serves as before. */
export const serving = (sent: string, more: Partial<Ends> = {}): Ends => ({
  ...{ ...still, ...shownDone, sent, asked: false, template: 'shop:1', hold: 'none', phase: 'none' },
  ...more,
});

/** The rollout ended at the stable version. */
export const aborted = (sent: string, more: Partial<Ends> = {}): Ends =>
  serving(sent, { asked: true, told: abortedWarning, phase: 'Aborted', ...more });

/** The candidate failed and stays in the template. */
export const failed = (sent: string, more: Partial<Ends> = {}): Ends => ({
  ...{ ...still, sent, asked: false, template: 'shop:missing', hold: 'held', phase: 'Failed' },
  ...{ rolloutStatus: 'fails', kstatus: 'Failed', argo: 'Suspended' },
  ...more,
});

export const gone = (sent: string): Ends => ({
  ...{ ...still, sent, asked: false, template: 'gone', hold: 'none', phase: 'none', pods: 'replaced' },
  ...{ rolloutStatus: 'not found', kstatus: 'NotFound', argo: 'Missing' },
});
