import type { Mirror, Strategy } from '../rollout/strategy.ts';
import type { RolloutSpec } from '../rollout/types.ts';
import { ladder } from '../rollout/weights.ts';
import type { Field } from './field.ts';
import { either, isOff } from './known.ts';
import { matchOf } from './match.ts';

/** What else of the plan decides which ways there are. */
export interface Means {
  readonly promotion: RolloutSpec['promotion'];
  readonly router: RolloutSpec['router'];
}

/** Flagger's number of checks where nothing splits the traffic and none is said. */
const usualIterations = 10;

const ways = ['iterations', 'stepWeight', 'stepWeights'] as const;

/** How the candidate gets its traffic; what cannot be combined is reported. */
export function strategyOf(field: Field, means: Means): Strategy {
  checkWays(field);
  const mirror = mirrorOf(field);
  if (means.promotion === 'inPlace') return inPlace(field);
  if (means.router === 'none') return unsplit(field);
  const match = matchOf(field.at('match'), means.router);
  if (!field.at('iterations').isGiven) {
    if (match !== undefined)
      field.at('iterations').required('how many checks those who match are on trial for');
    return { ...shares(field), ...(mirror === undefined ? {} : { mirror }) };
  }
  if (match !== undefined && mirror !== undefined)
    field.at('mirror').report('does not go with match: who matches is answered by the candidate itself');
  notUsed(
    field,
    ['maxWeight', 'stepWeightPromotion', 'sessionAffinity'],
    'iterations move no share of the users',
  );
  return {
    kind: 'iterations',
    iterations: field.at('iterations').whole(1, 10_000) ?? usualIterations,
    ...(match === undefined ? {} : { match }),
    ...(mirror === undefined ? {} : { mirror }),
  };
}

/** As in Flagger, exactly one; none is the usual stepWeight. */
function checkWays(field: Field): void {
  const [iterations, ...others] = ways.map((way) => field.at(way));
  const other = others.find(({ isGiven }) => isGiven);
  if (iterations?.isGiven === true)
    other?.report(`does not go with ${iterations.path}: write one of ${ways.join(', ')}`);
}

function mirrorOf(field: Field): Mirror | undefined {
  const weight = field.at('mirrorWeight').whole(1, 100);
  if (field.at('mirror').flag() === true) return weight ?? 100;
  notUsed(field, ['mirrorWeight'], 'mirror is not switched on');
  return undefined;
}

function inPlace(field: Field): Strategy {
  for (const key of ['iterations', 'match', 'mirror', 'sessionAffinity'])
    if (!isOff(field.at(key).value))
      field.at(key).report('does not go with promotion inPlace, which splits no traffic');
  notUsed(field, ['stepWeightPromotion'], 'no traffic goes back where main itself rolls');
  const weights = weightsOf(field);
  if ((weights[0] ?? 0) >= 100)
    field.note('all pods roll at once and nothing is judged: let the first weight be less than 100');
  return { kind: 'weights', weights };
}

/** Blue/green without a mesh: the candidate is checked with no traffic but what the user's own hooks send. */
function unsplit(field: Field): Strategy {
  for (const key of ['mirror', 'sessionAffinity'])
    if (!isOff(field.at(key).value))
      field.at(key).report('does not go with provider kubernetes, which splits no traffic');
  const moving = ['match', 'maxWeight', 'stepWeight', 'stepWeights', 'stepWeightPromotion'];
  notUsed(field, moving, 'provider kubernetes splits no traffic, and the candidate is checked without');
  const said = field.at('iterations').whole(0, 10_000);
  if (said === 0) field.at('iterations').note(`read as ${usualIterations}`);
  return { kind: 'iterations', iterations: said === undefined || said === 0 ? usualIterations : said };
}

function notUsed(field: Field, keys: readonly string[], why: string): void {
  for (const key of keys) if (!isOff(field.at(key).value)) field.at(key).note(`not used: ${why}`);
}

type Shares = Extract<Strategy, { readonly kind: 'weights' }>;

function shares(field: Field): Shares {
  const promotionStep = field.at('stepWeightPromotion').whole(1, 100);
  return {
    kind: 'weights',
    weights: weightsOf(field),
    ...(promotionStep === undefined ? {} : { promotionStep }),
  };
}

function weightsOf(field: Field): readonly number[] {
  const steps = either(field, 'stepWeights', 'stepWeight');
  const maxWeight = field.at('maxWeight').whole(1, 100) ?? 50;
  if (!field.at('stepWeights').isGiven) return ladder(steps.whole(1, 100) ?? 10, maxWeight);
  notUsed(field, ['maxWeight'], 'stepWeights names every step');
  const items = steps.items() ?? [];
  if (Array.isArray(steps.value) && items.length === 0)
    steps.report('is empty: at least one weight is needed');
  const weights = items.map((item) => item.whole(1, 100) ?? item.required('a weight'));
  const numbers = weights.filter((weight) => typeof weight === 'number');
  const drop = numbers.findIndex((weight, index) => weight <= (numbers[index - 1] ?? 0));
  if (drop > 0) steps.report(`must rise: ${numbers[drop]} comes after ${numbers[drop - 1]}`);
  return numbers;
}
