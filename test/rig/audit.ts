// The API server's own record of who wrote what; tests read from it what was never written.
import type { ApiObject } from './api.ts';

/** The users that are the rig, not its subject. */
export const rigUsers = ['rig-kubelet', 'system:apiserver', 'system:kube-controller-manager'] as const;

const writes = ['create', 'update', 'patch', 'delete', 'deletecollection'];

export const auditPolicy = {
  apiVersion: 'audit.k8s.io/v1',
  kind: 'Policy',
  omitStages: ['RequestReceived', 'ResponseStarted'],
  rules: [
    { level: 'Metadata', users: rigUsers },
    // The controllers of kube-controller-manager run as these.
    { level: 'Metadata', userGroups: ['system:serviceaccounts:kube-system'] },
    { level: 'RequestResponse', verbs: writes },
    { level: 'Metadata' },
  ],
};

export interface AuditEvent {
  readonly verb: string;
  readonly user: { readonly username: string; readonly groups?: readonly string[] };
  readonly impersonatedUser?: { readonly username: string };
  readonly requestURI: string;
  readonly objectRef?: {
    readonly resource: string;
    readonly apiGroup?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly subresource?: string;
  };
  readonly requestObject?: unknown;
  readonly responseObject?: ApiObject;
  readonly responseStatus?: { readonly code: number; readonly message?: string };
  readonly requestReceivedTimestamp: string;
  readonly stageTimestamp: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Reads an audit log; a last line that is still being written is left out. */
export function parseAudit(log: string): AuditEvent[] {
  const lines = log.split('\n');
  return lines.slice(0, -1).map((line) => JSON.parse(line) as AuditEvent);
}
