// Which lists of Kubernetes' types are maps by a key or sets, and which maps are one value: the `x-kubernetes-*` marks
// of its OpenAPI, as far as these kinds have them. What is not here is one value that is replaced as a whole.

export interface ListShape {
  /** Tells items apart in a strategic merge patch. */
  readonly patchKey: string;
  /** Tell items apart in server-side apply, where more than that is needed, each with what it is where it is absent. */
  readonly keys: readonly (readonly [key: string, absent?: string])[];
}

const by = (key: string): ListShape => ({ patchKey: key, keys: [[key]] });
const byPort = (key: string): ListShape => ({ patchKey: key, keys: [[key], ['protocol', 'TCP']] });

/** By the last name of the path. */
const lists: Readonly<Record<string, ListShape | 'set'>> = {
  conditions: by('type'),
  containers: by('name'),
  env: by('name'),
  ephemeralContainers: by('name'),
  finalizers: 'set',
  hostAliases: by('ip'),
  imagePullSecrets: by('name'),
  initContainers: by('name'),
  matchConditions: by('name'),
  ownerReferences: by('uid'),
  topologySpreadConstraints: { patchKey: 'topologyKey', keys: [['topologyKey'], ['whenUnsatisfiable']] },
  volumeMounts: by('mountPath'),
  volumes: by('name'),
  webhooks: by('name'),
};

/** The shape of the list at a path of field names; undefined where it is one value. */
export function listShape(path: readonly string[], isCustom: boolean): ListShape | 'set' | undefined {
  const last = path.at(-1) ?? '';
  // A custom kind has no marks below its metadata.
  if (isCustom && path[0] !== 'metadata') return undefined;
  if (last !== 'ports') return lists[last];
  if (path.includes('containers') || path.includes('initContainers')) return byPort('containerPort');
  return path.length === 2 ? byPort('port') : undefined;
}

const whole = new Set(
  ['selector', 'labelSelector', 'namespaceSelector', 'nodeSelector'].concat([
    'fieldRef',
    'configMapKeyRef',
    'secretKeyRef',
    'resourceFieldRef',
  ]),
);

const lean = new Set([
  'data',
  'binaryData',
  'stringData',
  'labels',
  'annotations',
  'matchLabels',
  'limits',
  'requests',
]);

/** True for a map that Go leaves out where it is empty; an empty struct it writes. */
export function isLeftOutEmpty(name: string): boolean {
  return lean.has(name);
}

/** True for a map that server-side apply takes as one value: selectors, first of all. */
export function isWhole(path: readonly string[]): boolean {
  const last = path.at(-1) ?? '';
  return whole.has(last);
}
