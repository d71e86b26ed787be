import { names } from '../kube/objects.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import { isPlainMap, merged, own, type PlainMap, readDocument } from './document.ts';
import { Field, type Findings, type Mistake, mistakeText } from './field.ts';
import { checkNames } from './known.ts';
import { isSwitchedOff, planOf } from './plan.ts';
import { manifest } from './schema.ts';

export type { Mistake } from './field.ts';

/** What `serin.dev/canary` asks for: a plan, no canary at all, or nothing that can be followed. */
export type ParsedCanary =
  | { readonly ok: true; readonly spec: RolloutSpec; readonly notes: readonly string[] }
  | { readonly ok: 'disabled' }
  | { readonly ok: false; readonly mistakes: readonly Mistake[] };

/**
 * Reads the annotation (`text`, YAML or JSON) over the namespace's defaults (the text of ConfigMap `serin`); absent
 * texts leave Serin's own defaults. Reports every mistake at once, those of the defaults with `ConfigMap serin` before.
 */
export function parseCanary(text: string | undefined, defaults?: string): ParsedCanary {
  const key = JSON.stringify([text, defaults]);
  const known = parsed.get(key);
  if (known !== undefined) return known;
  const read = readCanary(text, defaults);
  if (parsed.size >= mostParsed) parsed.clear();
  parsed.set(key, read);
  return read;
}

/** Every look and every review reads the same few texts again: a rollout is looked at hundreds of times. */
const parsed = new Map<string, ParsedCanary>();
const mostParsed = 500;

function readCanary(text: string | undefined, defaults: string | undefined): ParsedCanary {
  const findings: Findings = { mistakes: [], notes: [] };
  const asked = settingsOf(text, findings);
  if (asked === 'disabled') return { ok: 'disabled' };
  const base = defaultsOf(defaults);
  if (findings.mistakes.length > 0) return { ok: false, mistakes: [...base.mistakes, ...findings.mistakes] };
  const root = new Field(asked.path, laidOn(base.settings, asked.settings), findings);
  if (isSwitchedOff(root) && findings.mistakes.length === 0) return { ok: 'disabled' };
  const spec = planOf(root);
  const mistakes = [...base.mistakes, ...findings.mistakes];
  return mistakes.length === 0 ? { ok: true, spec, notes: findings.notes } : { ok: false, mistakes };
}

/** One line per mistake; long lists end with how many more there are. */
export function mistakesText(mistakes: readonly Mistake[]): string {
  const lines = mistakes.slice(0, mostLines).map((mistake) => mistakeText(mistake, names.canary));
  const left = mistakes.length - lines.length;
  return [...lines, ...(left > 0 ? [`and ${left} more`] : [])].join('\n');
}

/** What a person mends in one go; the answer of a webhook must stay readable. */
const mostLines = 40;

interface Settings {
  /** The path of the settings in their document: empty, `canary` in a chart's section, or `spec` in a manifest. */
  readonly path: string;
  readonly settings: PlainMap;
}

function settingsOf(text: string | undefined, findings: Findings): Settings | 'disabled' {
  const none: Settings = { path: '', settings: {} };
  const read = readDocument(text ?? '');
  if ('problem' in read) {
    findings.mistakes.push({ path: '', problem: read.problem });
    return none;
  }
  const { value } = read;
  if (value === 'disabled') return 'disabled';
  if (value === undefined || value === null) return none;
  if (!isPlainMap(value)) {
    new Field('', value, findings).expected('a map of settings, or the word disabled');
    return none;
  }
  const section = own(value, 'canary');
  if (isPlainMap(section) && Object.keys(value).length === 1) return { path: 'canary', settings: section };
  const spec = specOf(value, findings);
  return spec === undefined ? { path: '', settings: value } : { path: 'spec', settings: spec };
}

/** The plan of a Canary of Flagger's that was pasted in as a whole. */
function specOf(value: PlainMap, findings: Findings): PlainMap | undefined {
  const [kind, version, spec] = [own(value, 'kind'), own(value, 'apiVersion'), own(value, 'spec')];
  if (kind !== 'Canary' || !isPlainMap(spec)) return undefined;
  if (typeof version !== 'string' || !version.startsWith('flagger.app/')) return undefined;
  checkNames(new Field('', value, findings), manifest);
  return spec;
}

interface Defaults {
  /** Empty where there are mistakes, so that the Deployment's own are not mixed with them. */
  readonly settings: PlainMap;
  readonly mistakes: readonly Mistake[];
}

function defaultsOf(text: string | undefined): Defaults {
  const findings: Findings = { mistakes: [], notes: [] };
  const read = settingsOf(text, findings);
  const settings = read === 'disabled' ? { enabled: false } : read.settings;
  const root = new Field(read === 'disabled' ? '' : read.path, settings, findings);
  // The webhook decides what is held from the Deployment alone, so a ConfigMap cannot switch the canary off.
  if (isSwitchedOff(root)) root.report('cannot disable a namespace: take its label serin.dev/mode off');
  planOf(root);
  if (findings.mistakes.length === 0) return { settings, mistakes: [] };
  const mistakes = findings.mistakes.map(({ path, problem }) => ({
    path: `ConfigMap serin${path === '' ? '' : `: ${path}`}`,
    problem,
  }));
  return { settings: {}, mistakes };
}

/** The Deployment's own settings over the defaults, where each may use the old names and either way to say the steps. */
function laidOn(base: PlainMap, over: PlainMap): PlainMap {
  const name = says(over, 'canaryAnalysis') ? 'canaryAnalysis' : 'analysis';
  const rest = Object.entries(base).filter(
    ([key]) => !['analysis', 'canaryAnalysis', 'enable', 'enabled'].includes(key),
  );
  const analysis = own(base, 'analysis') ?? own(base, 'canaryAnalysis');
  const result = merged(
    Object.fromEntries([...rest, [name, withoutOverruled(analysis, own(over, name))]]),
    over,
  );
  return isPlainMap(result) ? result : over;
}

/** A way to say the steps in the defaults gives way to another way, with all that goes with it. */
function withoutOverruled(base: unknown, over: unknown): unknown {
  if (!isPlainMap(base) || !isPlainMap(over)) return base;
  const overruled = [
    ...(says(over, 'stepWeights') ? ['stepWeight', 'maxWeight', 'iterations', 'match'] : []),
    ...(says(over, 'stepWeight', 'maxWeight') ? ['stepWeights', 'iterations', 'match'] : []),
    ...(says(over, 'iterations') ? ['stepWeight', 'stepWeights', 'maxWeight', 'stepWeightPromotion'] : []),
  ];
  return Object.fromEntries(Object.entries(base).filter(([key]) => !overruled.includes(key)));
}

function says(map: PlainMap, ...keys: string[]): boolean {
  return keys.some((key) => (own(map, key) ?? null) !== null);
}
