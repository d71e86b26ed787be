// The conditions of Argo's metrics, as far as they are bounds of one number.

/** A range, both ends of it inclusive. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

const value = String.raw`(?:(?:asFloat|asInt|float|int)\()?\s*result(?:\[0\])?\s*\)?`;
const number = String.raw`(-?\d+(?:\.\d+)?)`;
const operator = '(>=|<=|==|>|<)';
const forward = new RegExp(`^${value}\\s*${operator}\\s*${number}$`);
const backward = new RegExp(`^${number}\\s*${operator}\\s*${value}$`);

/** No data is inconclusive in Serin, whatever is said of it. */
const ofNoData =
  /^!?\s*(?:len\(result\)\s*(?:==|>|>=|!=)\s*\d+|isNaN\(result(?:\[0\])?\)|isInf\(result(?:\[0\])?\)|isNil\(result\)|result\s*[!=]=\s*nil)$/;

/** The range in which a value passes; undefined where the condition is no such thing. */
export function rangeOf(success: string | undefined, failure: string | undefined): Range | undefined {
  const passing = success === undefined ? [] : boundsIn(success, false);
  const failing = failure === undefined ? [] : boundsIn(failure, true);
  if (passing === undefined || failing === undefined) return undefined;
  const bounds = [...passing, ...failing];
  if (bounds.length === 0) return undefined;
  const [mins, maxs] = [bounds.flatMap(({ min }) => min ?? []), bounds.flatMap(({ max }) => max ?? [])];
  const range = {
    ...(mins.length === 0 ? {} : { min: Math.max(...mins) }),
    ...(maxs.length === 0 ? {} : { max: Math.min(...maxs) }),
  };
  return (range.min ?? Number.NEGATIVE_INFINITY) > (range.max ?? Number.POSITIVE_INFINITY)
    ? undefined
    : range;
}

/** Every bound that must hold to pass; what fails where any of several holds passes where none does. */
function boundsIn(condition: string, isFailure: boolean): readonly Range[] | undefined {
  const text = unwrapped(condition);
  const all = text.split(/\s*&&\s*|\s*\|\|\s*/).map(unwrapped);
  const terms = all.filter((term) => !ofNoData.test(term));
  // What is left joined otherwise is no range but a hole in one.
  const joined = isFailure ? '&&' : '||';
  if (terms.length > 1 && text.includes(joined)) return undefined;
  const bounds = terms.map((term) => boundOf(term, isFailure));
  const known = bounds.filter((each) => each !== undefined);
  return known.length < bounds.length ? undefined : known;
}

function unwrapped(text: string): string {
  const bare = text.trim();
  return /^\([^()]*(?:\([^()]*\)[^()]*)*\)$/.test(bare) ? unwrapped(bare.slice(1, -1)) : bare;
}

const mirrored: Readonly<Record<string, string>> = { '>=': '<=', '<=': '>=', '>': '<', '<': '>', '==': '==' };
/** Of a failure: where it does not hold. */
const negated: Readonly<Record<string, string>> = { '>=': '<', '<=': '>', '>': '<=', '<': '>=' };

function boundOf(term: string, isFailure: boolean): Range | undefined {
  const [, sign = '', bound = ''] = forward.exec(term) ?? [];
  const [, left = '', turned = ''] = backward.exec(term) ?? [];
  const said = sign === '' ? mirrored[turned] : sign;
  const holds = isFailure ? negated[said ?? ''] : said;
  const at = Number(sign === '' ? left : bound);
  switch (holds) {
    case '>=':
    case '>':
      return { min: at };
    case '<=':
    case '<':
      return { max: at };
    case '==':
      return { min: at, max: at };
    default:
      return undefined;
  }
}
