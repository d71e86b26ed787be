// The fields of a Pod that the rig's kubelet acts on. What it does not know how to do it refuses, see refusal.ts.
import type { ApiObject } from '../api.ts';

export interface Pod extends ApiObject {
  readonly spec: {
    readonly nodeName?: string;
    readonly serviceAccountName?: string;
    readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
    readonly terminationGracePeriodSeconds?: number;
    readonly containers: readonly ContainerSpec[];
    readonly initContainers?: readonly ContainerSpec[];
    readonly volumes?: readonly Volume[];
  };
  readonly status?: { readonly phase?: string };
}

interface Volume {
  readonly name: string;
  readonly emptyDir?: object;
  readonly projected?: { readonly sources: readonly { readonly serviceAccountToken?: object }[] };
}

export interface ContainerSpec {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly EnvVar[];
  readonly envFrom?: readonly object[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string }[];
  readonly restartPolicy?: string;
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly lifecycle?: {
    readonly postStart?: object;
    readonly preStop?: { readonly sleep?: { readonly seconds: number } };
  };
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: KeyRef;
    readonly configMapKeyRef?: KeyRef;
  };
}

export interface KeyRef {
  readonly name: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface Probe {
  readonly httpGet?: {
    readonly path?: string;
    readonly port: number | string;
    readonly scheme?: 'HTTP' | 'HTTPS';
    readonly httpHeaders?: readonly { readonly name: string; readonly value: string }[];
  };
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

/** What of a container the kubelet cannot do, as a sentence; a container that asks for it does not start. */
export function refusal(pod: Pod, container: ContainerSpec): string | undefined {
  const mounted = (container.volumeMounts ?? []).map(({ name }) => name);
  const volume = (pod.spec.volumes ?? []).find(
    ({ name, emptyDir, projected }) =>
      mounted.includes(name) &&
      emptyDir === undefined &&
      !(projected?.sources.some((source) => source.serviceAccountToken !== undefined) ?? false),
  );
  if (volume !== undefined) return `the rig mounts no volume but emptyDir and the token: ${volume.name}`;
  if (container.command !== undefined)
    return 'the rig starts an image by its own entry point, without a command';
  if ((container.envFrom ?? []).length > 0) return 'the rig has no envFrom';
  if (container.restartPolicy !== undefined) return 'the rig has no sidecar init containers';
  const { postStart, preStop } = container.lifecycle ?? {};
  if (postStart !== undefined) return 'the rig has no postStart';
  if (preStop !== undefined && preStop.sleep === undefined) return 'the rig has no preStop but sleep';
  for (const probe of [container.startupProbe, container.readinessProbe, container.livenessProbe]) {
    if (probe === undefined) continue;
    if (probe.httpGet === undefined) return 'the rig has no probe but httpGet';
    const { port } = probe.httpGet;
    if (portNumber(port, container) === undefined)
      return `a probe names port ${port}, which the container has not`;
  }
  return undefined;
}

/** The number of a port that may be given by its name. */
export function portNumber(port: number | string, container: ContainerSpec): number | undefined {
  if (typeof port === 'number') return port;
  return container.ports?.find(({ name }) => name === port)?.containerPort;
}
