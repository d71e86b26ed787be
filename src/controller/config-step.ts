import type { Digests, Seen } from '../config/config-seen.ts';

/** What is noted on the Deployment, but for the key. */
type Noted = Omit<Seen, 'key'>;

/** What is seen of a Deployment's configuration. */
export interface ConfigSight {
  /** `free`: no candidate is kept back; `held`: one is. */
  readonly standing: 'free' | 'held';
  /** Undefined where nothing was noted yet. */
  readonly noted: Noted | undefined;
  /** What its objects hold now; those that are lacking and needed are left out, and nothing starts without them. */
  readonly now: Digests;
  /** The objects that are left out so: what is known of them stays. */
  readonly lacking: readonly string[];
  /** The mark of the template as it stands, and of stable's. */
  readonly mark: string | undefined;
  readonly stableMark: string | undefined;
}

/** What is to be done about it. */
export type ConfigStep =
  | { readonly do: 'nothing' }
  /** Writes down what the pods read. */
  | { readonly do: 'note'; readonly noted: Noted }
  /** Makes the template with that mark the candidate. */
  | {
      readonly do: 'try';
      readonly mark: string | undefined;
      readonly changed: readonly string[];
      readonly noted: Noted;
    };

const nothing: ConfigStep = { do: 'nothing' };

/** The mark of a change of some objects. */
export type MarkOf = (changed: readonly string[], from: Digests, to: Digests) => string;

/** Decides whether a change of configuration is to be released; asked again after it was done, it answers `nothing`. */
export function configStep(sight: ConfigSight, markOf: MarkOf): ConfigStep {
  const { standing, noted, now, lacking } = sight;
  if (noted === undefined)
    return Object.keys(now).length === 0 ? nothing : { do: 'note', noted: { digests: now } };
  const known = knownOf(sight);
  const changed = changedIn(known, now);
  if (standing === 'held') return heldStep(sight, { known, changed }, markOf);
  if (changed.length === 0) {
    const digests = { ...pick(known, lacking), ...now };
    const isNoted = noted.tried === undefined && isSame(noted.digests, digests);
    return isNoted ? nothing : { do: 'note', noted: { digests } };
  }
  return tried(sight, { known, changed }, markOf(changed, known, now));
}

interface News {
  readonly known: Digests;
  readonly changed: readonly string[];
}

function heldStep(sight: ConfigSight, news: News, markOf: MarkOf): ConfigStep {
  const { noted, now, mark, stableMark } = sight;
  // A candidate that came without the mark of stable's (kubectl replace) reads the same without it.
  const isStale = mark !== undefined && mark !== stableMark;
  const back = isStale ? stableMark : mark;
  const wanted = news.changed.length > 0 ? markOf(news.changed, news.known, now) : back;
  if (wanted !== mark) return tried(sight, news, wanted);
  const isNoted = Object.keys(now).every((ref) => ref in news.known);
  if (isNoted) return nothing;
  const digests = { ...now, ...news.known };
  const isOnTrial = noted?.tried !== undefined && noted.tried.mark === mark && isStale;
  return { do: 'note', noted: isOnTrial ? { digests, tried: { mark, digests: now } } : { digests } };
}

function tried({ now }: ConfigSight, { known, changed }: News, mark: string | undefined): ConfigStep {
  const digests = { ...now, ...known };
  const isChange = mark !== undefined && changed.length > 0;
  return {
    ...{ do: 'try', mark, changed },
    noted: isChange ? { digests, tried: { mark, digests: now } } : { digests },
  };
}

/** What stable's pods read: what was tried, once that is what is stable. */
export function knownOf({ noted, stableMark }: ConfigSight): Digests {
  const isStable = noted?.tried !== undefined && noted.tried.mark === stableMark;
  return { ...noted?.digests, ...(isStable ? noted.tried?.digests : {}) };
}

/** The objects that hold something else than is known. */
export function changedIn(known: Digests, now: Digests): readonly string[] {
  return Object.keys(now).filter((ref) => ref in known && known[ref] !== now[ref]);
}

function pick(digests: Digests, refs: readonly string[]): Digests {
  return Object.fromEntries(Object.entries(digests).filter(([ref]) => refs.includes(ref)));
}

function isSame(a: Digests, b: Digests): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
}
