// A plan in the making from what another tool was told: whatever cannot be followed is taken out, and said.
import { stringify } from 'yaml';
import { parseCanary } from '../config/canary.ts';
import { isPlainMap, own, type PlainMap } from '../config/document.ts';
import { type Mistake, mistakeText } from '../config/field.ts';
import { names } from '../kube/objects.ts';

/** What of the source has no place in the plan. */
export interface Left {
  /** In the source. */
  readonly path: string;
  /** `lost`: it would have guarded or formed the release; `todo`: carried, but for something; `needless`: nothing is missing. */
  readonly is: 'lost' | 'todo' | 'needless';
  /** Why, and what to do instead. */
  readonly why: string;
}

export interface Imported {
  /** As `Canary shop/web`. */
  readonly source: string;
  readonly name: string;
  readonly namespace?: string;
  readonly plan: PlainMap;
  readonly left: readonly Left[];
  /** The Deployment that takes the place of the source, with no plan in it; absent where there is one already. */
  readonly whole?: PlainMap;
}

/** The parts of the source that a path of the plan comes from; where nothing is said, of the same name under `spec`. */
export type Origin = (path: string) => string;

/** Above any plan: each round takes something out. */
const mostRounds = 500;

/** The plan without what cannot be followed or changes nothing, and what that was. */
export function followable(
  asked: PlainMap,
  origin: Origin = (path) => `spec.${path}`,
): Pick<Imported, 'plan' | 'left'> {
  const plan = structuredClone<Writable>(asked);
  const left: Left[] = [];
  const gone = new Gone();
  for (let round = 0; round < mostRounds; round += 1) {
    const parsed = parseCanary(JSON.stringify(plan));
    if (parsed.ok === 'disabled') break;
    const [mistake] = parsed.ok ? [] : parsed.mistakes;
    if (mistake !== undefined) {
      left.push({ is: 'lost', ...lostTo(plan, mistake, gone, origin) });
      continue;
    }
    const note = parsed.ok ? parsed.notes.find((each) => needless.test(each)) : undefined;
    if (note === undefined) break;
    const [path = '', ...why] = note.split(': ');
    remove(plan, path);
    left.push({
      ...{ path: origin(gone.original(path)), is: 'needless' },
      why: why.join(': ').replace(/^not (?:used|needed): /, ''),
    });
  }
  return { plan, left };
}

/** The notes that say of a field that nothing is missing without it. */
const needless = /: not (?:used|needed)/;

type Writable = { [key: string]: unknown };

/** Takes out the smallest part that means something by itself. */
function lostTo(plan: Writable, mistake: Mistake, gone: Gone, origin: Origin): Pick<Left, 'path' | 'why'> {
  const { path } = mistake;
  if (path === 'analysis.iterations' && remove(plan, 'analysis.match'))
    return { path: origin('analysis.match'), why: 'goes with iterations alone, as in Flagger' };
  const at = origin(gone.original(path));
  const why = mistakeText({ ...mistake, path: '' }, '')
    .trim()
    .replace(/^: /, '');
  const part = partOf(path);
  if (remove(plan, part)) gone.add(part);
  else for (const key of Object.keys(plan)) delete plan[key];
  const emptied = dropEmptied(plan);
  return { path: at, why: emptied === undefined ? why : `${why}; ${emptied}` };
}

/** What was taken out of lists: the index of what came behind it is another now. */
class Gone {
  readonly #indexes = new Map<string, number[]>();

  add(path: string): void {
    const [, list = '', index = ''] = item.exec(path) ?? [];
    if (list === '') return;
    const [, , before = ''] = item.exec(this.original(path)) ?? [index];
    this.#indexes.set(
      list,
      [...(this.#indexes.get(list) ?? []), Number(before)].toSorted((a, b) => a - b),
    );
  }

  /** The path as it was before anything was taken out. */
  original(path: string): string {
    const [whole = '', list = '', index = ''] = item.exec(path) ?? [];
    if (list === '') return path;
    const before = (this.#indexes.get(list) ?? []).reduce(
      (at, each) => (each <= at ? at + 1 : at),
      Number(index),
    );
    return `${list}[${before}]${path.slice(whole.length)}`;
  }
}

const item = /^([^[]+)\[(\d+)\]/;

/** A metric without its source, or a gate without its address, is another one: they go as a whole. */
function partOf(path: string): string {
  const [whole] = /^(?:analysis|canaryAnalysis)\.(?:metrics|webhooks|alerts|match)\[\d+\]/.exec(path) ?? [];
  if (whole !== undefined) return whole;
  const [part] = /^(?:service|analysis|canaryAnalysis)\.[^.[]+/.exec(path) ?? [];
  return part ?? path.split(/[.[]/)[0] ?? path;
}

/** An empty list of metrics would say that nothing is to be checked, which nobody did. */
function dropEmptied(plan: Writable): string | undefined {
  const analysis = plan['analysis'] as Writable | undefined;
  const said: Readonly<Record<string, string>> = {
    metrics: 'none of its metrics is left, so that Serin’s own are checked',
    match: 'none of its conditions is left, so that nobody is sent to the candidate before all are',
  };
  for (const [key, sentence] of Object.entries(said)) {
    const list = analysis?.[key];
    if (!Array.isArray(list) || list.length > 0) continue;
    delete analysis?.[key];
    return sentence;
  }
  return undefined;
}

/** Takes out what stands at the path; false where nothing does. */
function remove(plan: Writable, path: string): boolean {
  const keys = path.split(/[.[]/).map((key) => key.replace(/\]$/, ''));
  const last = keys.pop() ?? '';
  const parent = keys.reduce<unknown>((at, key) => (at as Writable | undefined)?.[key], plan);
  if (Array.isArray(parent)) return parent.splice(Number(last), 1).length > 0;
  return isPlainMap(parent) && own(parent, last) !== undefined && Reflect.deleteProperty(parent, last);
}

/** kubectl reads YAML 1.1, where `yes` is no text. */
const written = { lineWidth: 0, aliasDuplicateObjects: false, compat: 'yaml-1.1' } as const;

/** The Deployment as a document of YAML: the whole of it, or what lays itself over the one that is there. */
export function documentOf({ name, namespace, plan, whole }: Imported): string {
  const text = Object.keys(plan).length === 0 ? '{}' : stringify(plan, written);
  const metadata = (whole === undefined ? undefined : own(whole, 'metadata')) ?? {
    name,
    ...(namespace === undefined ? {} : { namespace }),
  };
  const annotations = { ...mapIn(metadata, 'annotations'), [names.canary]: text };
  const object = {
    ...{ apiVersion: 'apps/v1', kind: 'Deployment' },
    ...whole,
    metadata: { ...(isPlainMap(metadata) ? metadata : {}), annotations },
  };
  return stringify(object, written);
}

function mapIn(value: unknown, key: string): PlainMap {
  const found = isPlainMap(value) ? own(value, key) : undefined;
  return isPlainMap(found) ? found : {};
}
