// A container's environment and arguments as the kubelet resolves them.
import { type Api, ApiError } from '../api.ts';
import type { ContainerSpec, EnvVar, KeyRef, Pod } from './pod.ts';

export type Env = Readonly<Record<string, string>>;

/** The container's variables; throws a sentence where one names what is not there. */
export async function environmentOf(
  api: Api,
  pod: Pod,
  container: ContainerSpec,
  podIp: string,
): Promise<Env> {
  const env: Record<string, string> = {};
  for (const variable of container.env ?? []) {
    const value = await valueOf(api, pod, variable, podIp);
    if (value !== undefined) env[variable.name] = expand(value, env);
  }
  return env;
}

/** Replaces $(NAME) by the variable of that name, and leaves it where there is none. */
export function expand(text: string, env: Env): string {
  return text.replace(/\$\(([^)]+)\)/g, (whole, name: string) => env[name] ?? whole);
}

async function valueOf(api: Api, pod: Pod, variable: EnvVar, podIp: string): Promise<string | undefined> {
  const { fieldRef, secretKeyRef, configMapKeyRef } = variable.valueFrom ?? {};
  if (fieldRef !== undefined) return field(pod, fieldRef.fieldPath, podIp);
  if (secretKeyRef !== undefined) {
    const base64 = await keyOf(api, pod, 'secrets', secretKeyRef);
    return base64 === undefined ? undefined : Buffer.from(base64, 'base64').toString();
  }
  if (configMapKeyRef !== undefined) return keyOf(api, pod, 'configmaps', configMapKeyRef);
  if (variable.valueFrom !== undefined)
    throw new Error(`the rig cannot resolve the variable ${variable.name}`);
  return variable.value ?? '';
}

function field(pod: Pod, path: string, podIp: string): string {
  const fields: Record<string, string | undefined> = {
    'metadata.name': pod.metadata.name,
    'metadata.namespace': pod.metadata.namespace,
    'metadata.uid': pod.metadata.uid,
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName,
    'status.podIP': podIp,
  };
  const value = fields[path];
  if (value === undefined) throw new Error(`the rig knows no field ${path}`);
  return value;
}

async function keyOf(api: Api, pod: Pod, plural: string, ref: KeyRef): Promise<string | undefined> {
  const path = `/api/v1/namespaces/${pod.metadata.namespace}/${plural}/${ref.name}`;
  const object = await api.get<{ data?: Record<string, string> }>(path).catch((error: unknown) => {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  });
  const value = object?.data?.[ref.key];
  if (value === undefined && ref.optional !== true)
    throw new Error(`${plural} ${ref.name} has no key ${ref.key}`);
  return value;
}
