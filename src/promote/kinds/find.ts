// How each kind of file names a version.
import { imageOf, isCalled } from '../image.ts';
import { at, type Finder, type Found, isOf, itemsOf, type Kind, type Wanted } from './kind.ts';
import { textOf } from '../scalar.ts';

/** https://helmfile.readthedocs.io/en/latest/#configuration: `releases`. */
const helmfile: Finder = (root, { app }) => {
  const releases = itemsOf(at(root, 'releases'));
  const named = releases.filter((each) => textOf(at(each, 'name')) === app);
  const chosen =
    named.length > 0
      ? named
      : releases.filter((each) => textOf(at(each, 'chart'))?.split('/').at(-1) === app);
  return chosen.map((each) => {
    const namespace = textOf(at(each, 'namespace')) ?? textOf(at(root, 'namespace'));
    return {
      ...{ what: `release ${textOf(at(each, 'name')) ?? app}`, node: at(each, 'version') },
      ...(namespace === undefined ? {} : { namespace }),
    };
  });
};

/** https://helm.sh/docs/helm/helm_dependency/: `dependencies`. */
const chart: Finder = (root, { app }) => {
  const all = itemsOf(at(root, 'dependencies'));
  // Of the same chart twice the alias tells which.
  const aliased = all.filter((each) => textOf(at(each, 'alias')) === app);
  const chosen =
    aliased.length > 0
      ? aliased
      : all.filter((each) => textOf(at(each, 'name')) === app && at(each, 'alias') === undefined);
  return chosen.map((each) => ({ what: `dependency ${app}`, node: at(each, 'version') }));
};

/** https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/images/. */
const kustomize: Finder = (root, { app, image = app }) =>
  itemsOf(at(root, 'images'))
    .filter((each) =>
      [at(each, 'name'), at(each, 'newName')].some((name) => isCalled(textOf(name) ?? '', image)),
    )
    .map((each) => ({
      ...{ what: `image ${textOf(at(each, 'name')) ?? ''}`, node: at(each, 'newTag') },
      ...(at(each, 'digest') === undefined ? {} : { problem: 'is pinned by a digest' }),
    }));

const values: Finder = (root, { app, key }, file) => {
  if (key !== undefined) return found(root, key);
  const own = found(root, `${app}.image.tag`);
  if (own.length > 0) return own;
  return isOf(file, app) ? found(root, 'image.tag') : [];
};

function found(root: unknown, key: string): readonly Found[] {
  const node = key.split('.').reduce((inner, part) => at(inner, part), root);
  return node === undefined ? [] : [{ what: key, node }];
}

const manifests: Finder = (root, wanted) => {
  if (textOf(at(root, 'kind'))?.endsWith('List') === true)
    return itemsOf(at(root, 'items')).flatMap((each) => manifests(each, wanted, ''));
  const metadata = at(root, 'metadata');
  if (textOf(at(root, 'kind')) !== 'Deployment' || textOf(at(metadata, 'name')) !== wanted.deployment)
    return [];
  const pod = at(at(at(root, 'spec'), 'template'), 'spec');
  const containers = itemsOf(at(pod, 'containers')).map((node) => ({ node, ...containerIn(node) }));
  const chosen = chosenContainers(containers, wanted);
  const namespace = textOf(at(metadata, 'namespace'));
  const inside = namespace === undefined ? {} : { namespace };
  const what = `Deployment ${wanted.deployment}`;
  if (typeof chosen === 'string') return [{ what, node: undefined, problem: chosen, ...inside }];
  return chosen.map(({ name, image, node }) => ({
    ...{ what: `${what}, container ${name}`, node: at(node, 'image'), isImage: true, ...inside },
    ...(imageOf(image).digest === undefined ? {} : { problem: 'is pinned by a digest' }),
  }));
};

/** What the choice of a container goes by. */
interface Container {
  readonly name: string;
  readonly image: string;
}

function containerIn(node: unknown): Container {
  return { name: textOf(at(node, 'name')) ?? '', image: textOf(at(node, 'image')) ?? '' };
}

/** The containers that run the application; or why they cannot be told. */
export function chosenContainers<T extends Container>(
  all: readonly T[],
  { app, container, image = app }: Pick<Wanted, 'app' | 'container' | 'image'>,
): readonly T[] | string {
  const names = all.map(({ name }) => name).join(', ');
  if (container !== undefined) {
    const named = all.filter(({ name }) => name === container);
    return named.length > 0 ? named : `has no container ${container}: ${names}`;
  }
  if (all.length === 1) return all;
  const called = all.filter((each) => isCalled(imageOf(each.image).repository, image));
  return called.length > 0 ? called : `has several containers, none with an image ${image}: ${names}`;
}

export const finders: Readonly<Record<Kind, Finder>> = { helmfile, chart, kustomize, values, manifests };
