// Where in a repository the version of an application in an environment stands.
import { LineCounter, parseAllDocuments } from 'yaml';
import { imageOf } from './image.ts';
import { finders } from './kinds/find.ts';
import { type Found, isOf, type Kind, kinds, type Wanted } from './kinds/kind.ts';
import { type Spot, spotOf, withValue } from './scalar.ts';

export interface File {
  /** From the root of the repository. */
  readonly path: string;
  readonly text: string;
}

/** One place of the version. */
export interface Place {
  readonly kind: Kind;
  readonly file: string;
  readonly what: string;
  /** The version that stands there now; empty for an image without a tag. */
  readonly from: string;
  readonly spot: Spot;
  readonly namespace?: string;
  /** The image without its tag, where the version is the tag of one. */
  readonly repository?: string;
}

export interface Looking extends Wanted {
  readonly environment: string;
  readonly namespace?: string;
  /** Other environments that may share the repository. */
  readonly others: readonly string[];
  /** A file or folder; everything else is passed over. */
  readonly path?: string;
  readonly kind?: Kind;
}

/** The places of one file, or why there are none. */
export type Search = { readonly places: readonly Place[] } | { readonly problem: string };

/** Finds it; all places are in one file, and of one kind. */
export function search(files: readonly File[], looking: Looking): Search {
  const read = files.filter(({ path }) => isUnder(path, looking.path)).map((file) => readFile(file, looking));
  const all = read.flatMap(({ places }) => places);
  const [first, ...more] = chosen(all, files, looking);
  if (first === undefined) return { problem: missing(all, read, looking) };
  if (more.length > 0) {
    const named = [first, ...more].map(([place]) => `${place?.file} (${place?.kind}, ${place?.what})`);
    return {
      problem: `${looking.app} stands in several files: ${named.join('; ')}; --path or --kind says which`,
    };
  }
  const wrong = first.flatMap(({ file, what, problem }) =>
    problem === undefined ? [] : [`${file}: ${what} ${problem}`],
  );
  return wrong.length > 0 ? { problem: wrong.join('; ') } : { places: first.flatMap(placeIn) };
}

/** The file's text with the version in every place; the rest of it as it was. */
export function promoted(text: string, places: readonly Place[], version: string): string {
  // From the end, so that what stands before keeps its place.
  return places
    .toSorted((a, b) => b.spot.start - a.spot.start)
    .reduce((now, { spot, repository }) => {
      return withValue(now, spot, repository === undefined ? version : `${repository}:${version}`);
    }, text);
}

interface Candidate extends Found {
  readonly kind: Kind;
  readonly file: string;
  readonly spot?: Spot;
}

interface Read {
  readonly file: string;
  readonly places: readonly Candidate[];
  /** Why it is no YAML. */
  readonly broken?: string;
}

function readFile(source: File, looking: Looking): Read {
  const { path, text } = source;
  const kind = kindOf(path, looking);
  if (kind === undefined || !mayName(kind, source, looking)) return { file: path, places: [] };
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { lineCounter: lines, uniqueKeys: false });
  if (!Array.isArray(documents)) return { file: path, places: [] };
  const error = documents.flatMap(({ errors }) => errors)[0];
  if (error !== undefined)
    return { file: path, places: [], broken: `line ${lines.linePos(error.pos[0]).line} is not YAML` };
  const found = documents.flatMap(({ contents }) => finders[kind](contents, looking, path));
  return { file: path, places: found.map((each) => candidate(each, kind, path)) };
}

function candidate(found: Found, kind: Kind, file: string): Candidate {
  if (found.problem !== undefined) return { ...found, kind, file };
  const spot = spotOf(found.node);
  return typeof spot === 'string'
    ? { ...found, kind, file, problem: `has no version to change: it ${spot}` }
    : { ...found, kind, file, spot };
}

function placeIn({ kind, file, what, spot, namespace, isImage }: Candidate): readonly Place[] {
  if (spot === undefined) return [];
  const image = isImage === true ? imageOf(spot.value) : undefined;
  return [
    {
      ...{ kind, file, what, spot, from: image === undefined ? spot.value : (image.tag ?? '') },
      ...(namespace === undefined ? {} : { namespace }),
      ...(image === undefined ? {} : { repository: image.repository }),
    },
  ];
}

function kindOf(path: string, { path: only, kind, key }: Looking): Kind | undefined {
  if (only === path && kind !== undefined) return kind;
  const natural = only === path && key !== undefined ? 'values' : naturalKind(path);
  return kind === undefined || kind === natural ? natural : undefined;
}

function naturalKind(path: string): Kind | undefined {
  const name = path.split('/').at(-1) ?? '';
  if (/^helmfile.*\.ya?ml(\.gotmpl)?$/.test(name)) return 'helmfile';
  if (/(^|\/)helmfile\.d\/[^/]+\.ya?ml$/.test(path)) return 'helmfile';
  if (/^(requirements|Chart)\.ya?ml$/.test(name)) return 'chart';
  if (/^[Kk]ustomization(\.ya?ml)?$/.test(name)) return 'kustomize';
  if (/^values.*\.ya?ml$/.test(name)) return 'values';
  return /\.ya?ml$/.test(name) ? 'manifests' : undefined;
}

/** Reading YAML takes its time: most files of a repository are of somebody else. */
function mayName(kind: Kind, { path, text }: File, { app, deployment, key }: Looking): boolean {
  if (kind === 'manifests') return text.includes('Deployment') && text.includes(deployment);
  return kind !== 'values' || key !== undefined || text.includes(app) || isOf(path, app);
}

/** What can be chosen between, one list for each file. */
function chosen(
  all: readonly Candidate[],
  files: readonly File[],
  looking: Looking,
): readonly (readonly Candidate[])[] {
  const near = all.filter((each) => isOurs(each, files, looking));
  const kind = kinds.find((each) => near.some((place) => place.kind === each));
  const best = near.filter((place) => place.kind === kind);
  return [...new Set(best.map(({ file }) => file))].map((file) => {
    const inside = best.filter((place) => place.file === file);
    const own = inside.filter(
      ({ namespace }) => namespace !== undefined && names(looking).includes(namespace),
    );
    return own.length > 0 ? own : inside;
  });
}

/** What an environment is called in paths; jx: https://jenkins-x.io/v3/develop/environments/. */
function names({ environment, namespace }: Pick<Looking, 'environment' | 'namespace'>): readonly string[] {
  return [environment, `jx-${environment}`, ...(namespace === undefined ? [] : [namespace])];
}

function isOurs({ file, namespace }: Candidate, files: readonly File[], looking: Looking): boolean {
  if (file === looking.path) return true;
  const own = names(looking);
  const isNamed = (path: string): boolean => own.some((name) => isOf(path, name));
  if (isNamed(file) || (namespace !== undefined && own.includes(namespace))) return true;
  // What all environments share is no place for the version of one.
  const isShared = files.some(({ path }) => isUnder(path, looking.path) && isNamed(path));
  return !isShared && !looking.others.some((other) => isOf(file, other));
}

function missing(all: readonly Candidate[], read: readonly Read[], looking: Looking): string {
  const { app, environment, path } = looking;
  const where = path === undefined ? 'the repository' : path;
  const [other] = all;
  if (other !== undefined)
    return `${where} has no version of ${app} that is ${environment}'s alone; ${other.file} has one (${other.what}): --path ${other.file} takes that`;
  if (read.length === 0) return `${where} is not there, or has no YAML in it`;
  const broken = read.flatMap(({ file, broken: why }) => (why === undefined ? [] : [`${file}: ${why}`]));
  const more = broken.length === 0 ? '' : `; not read: ${broken.slice(0, 5).join(', ')}`;
  return `${where} has no version of ${app}: it was looked for as ${looking.kind ?? kinds.join(', ')}${more}`;
}

function isUnder(path: string, folder: string | undefined): boolean {
  return folder === undefined || path === folder || path.startsWith(`${folder}/`);
}
