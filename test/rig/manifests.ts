// The files of manifests/ as data, read by hand and not by kustomize; only what tests look at has a type.
import { ok } from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';

const root = join(import.meta.dirname, '../..');
/** A file of the repository. */
export const text = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string; readonly scheme?: string };
}
interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly securityContext: unknown;
  readonly resources: { readonly requests: object; readonly limits: object };
}
interface Labels {
  readonly [key: string]: string;
}
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}
interface Condition {
  readonly name: string;
  readonly expression: string;
}
interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Labels };
  readonly rules: readonly Rule[];
  readonly webhooks: readonly (Record<string, unknown> & {
    readonly clientConfig: { readonly service: { namespace: string; name: string; path: string } };
    readonly namespaceSelector: { readonly matchExpressions: readonly unknown[] };
    readonly matchConditions: readonly Condition[];
  })[];
  readonly subjects: readonly unknown[];
  readonly spec: Record<string, unknown> & {
    readonly replicas: number;
    readonly selector: Labels & { readonly matchLabels: Labels };
    readonly podSelector: { readonly matchLabels: Labels };
    readonly ports: readonly { readonly port: number; readonly targetPort: string }[];
    readonly matchConditions: readonly Condition[];
    readonly variables?: readonly Condition[];
    readonly matchResources: { readonly namespaceSelector: unknown };
    readonly template: {
      readonly metadata: { readonly labels: Labels };
      readonly spec: Record<string, unknown> & { readonly containers: readonly Container[] };
    };
  };
}

/** The objects of a file. */
export const parsed = (path: string): Manifest[] =>
  parseAllDocuments(text(path)).map((document) => document.toJS() as Manifest);
/** The names of the files of manifests/base that hold objects. */
export const files = readdirSync(join(root, 'manifests/base')).filter(
  (file) => file !== 'kustomization.yaml',
);
const manifests = files.flatMap((file) => parsed(`manifests/base/${file}`));
const policies = ['hold', 'stale-failure'].flatMap((file) => parsed(`manifests/policies/${file}.yaml`));

/** The objects of that kind that are installed. */
export const all = (kind: string): readonly Manifest[] =>
  [...manifests, ...policies].filter((manifest) => manifest.kind === kind);

/** The one object of that kind, and of that name where there are several, that is installed. */
export function the(kind: string, name?: string): Manifest {
  const [found, ...others] = all(kind).filter(({ metadata }) => name === undefined || metadata.name === name);
  ok(found !== undefined && others.length === 0, `one ${kind}`);
  return found;
}
