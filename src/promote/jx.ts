// Where Jenkins X says that an environment is.
// https://jenkins-x.io/v3/develop/environments/ and RequirementsConfig of core.jenkins-x.io/v4beta1; jx 2 has the same
// without `spec`.
import { isPlainMap, own, readDocument } from '../config/document.ts';
import { hasCode } from '../errors.ts';
import type { Resource } from '../kube/objects.ts';
import type { Cluster } from '../plugin/verb.ts';
import { objectAt, textAt } from '../routing/json.ts';
import { forgeKinds, type ForgeKind } from './remote.ts';
import { present, type Said } from './settings.ts';

/** What its file says. */
export interface JxFile {
  /** Undefined where it does not name that environment. */
  readonly said?: Said;
  readonly environments: readonly string[];
}

/** Reads `jx-requirements.yml`; what it cannot say is left out. */
export function parseJx(text: string, environment: string): JxFile {
  const read = readDocument(text);
  const document = 'value' in read ? read.value : undefined;
  const is3 = isPlainMap(valueIn(document, 'spec'));
  const root = is3 ? valueIn(document, 'spec') : document;
  const listed = valueIn(root, 'environments');
  const all = Array.isArray(listed) ? (listed as readonly unknown[]) : [];
  const keyOf = (each: unknown): string | undefined => textIn(each, 'key');
  const environments = all.flatMap((each) => keyOf(each) ?? []);
  const entry = all.find((each) => keyOf(each) === environment);
  if (entry === undefined) return { environments };
  const cluster = valueIn(root, 'cluster');
  const dev = all.find((each) => keyOf(each) === 'dev');
  // In jx 3 an environment without a repository shares that of the cluster; in jx 2 each has one that is called after it.
  const home = is3 && textIn(entry, 'repository') === undefined ? dev : entry;
  const name = textIn(home, 'repository') ?? usualName(cluster, is3 ? 'dev' : environment);
  const owner = textIn(home, 'owner') ?? textIn(cluster, 'environmentGitOwner');
  const server = textIn(home, 'gitServer') ?? textIn(cluster, 'gitServer') ?? 'https://github.com';
  const forge = forgeOf(textIn(home, 'gitKind') ?? textIn(cluster, 'gitKind'));
  const below = forge === 'bitbucket-server' ? 'scm/' : '';
  const address =
    name === undefined || owner === undefined
      ? undefined
      : `${server.replace(/\/+$/, '')}/${below}${owner}/${name}.git`;
  return {
    environments,
    said: present({
      repo: textIn(home, 'gitUrl') ?? address,
      namespace: textIn(entry, 'namespace') ?? `jx-${environment}`,
      forge,
    }),
  };
}

/** Where the rule of `jx promote` is, in a repository. */
export const ruleFile = '.jx/promote.yaml';

/**
 * What the rule says of where versions stand: https://github.com/jenkins-x-plugins/jx-promote/blob/main/docs/config.md. Which
 * of several helmfiles is an environment's is found by its name, as jx does.
 */
export function parseRule(text: string): Pick<Said, 'kind' | 'path'> {
  const read = readDocument(text);
  const spec = valueIn('value' in read ? read.value : undefined, 'spec');
  const path = textIn(valueIn(spec, 'helmRule'), 'path')?.replace(/^\.?\/|\/$/g, '');
  if (path !== undefined) return present({ kind: 'chart', path: path === '.' ? undefined : path });
  return valueIn(spec, 'helmfileRule') === undefined ? {} : { kind: 'helmfile' };
}

const environments: Resource = {
  ...{ group: 'jenkins.io', version: 'v1', plural: 'environments', kind: 'Environment', namespaced: true },
};

/** What the resource Environment of the cluster says; undefined where there is none, or it may not be read. */
export async function readJx(
  { kube }: Pick<Cluster, 'kube'>,
  environment: string,
): Promise<Said | undefined> {
  try {
    const found = await kube.get(environments, 'jx', environment);
    if (found === undefined) return undefined;
    const source = objectAt(found['spec'], 'source');
    return present({
      repo: textAt(source, 'url'),
      branch: textAt(source, 'ref'),
      namespace: textAt(found['spec'], 'namespace') ?? `jx-${environment}`,
    });
  } catch (error) {
    if (hasCode(error, 'KUBE_FORBIDDEN')) return undefined;
    throw error;
  }
}

function usualName(cluster: unknown, environment: string): string | undefined {
  const name = textIn(cluster, 'clusterName');
  return name === undefined ? undefined : `environment-${name}-${environment}`;
}

const kinds: Readonly<Record<string, ForgeKind>> = {
  bitbucketcloud: 'bitbucket',
  bitbucketserver: 'bitbucket-server',
};

function forgeOf(kind: string | undefined): ForgeKind | undefined {
  return kind === undefined ? undefined : (kinds[kind] ?? forgeKinds.find((each) => each === kind));
}

function valueIn(map: unknown, key: string): unknown {
  return isPlainMap(map) ? own(map, key) : undefined;
}

function textIn(map: unknown, key: string): string | undefined {
  const value = valueIn(map, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
