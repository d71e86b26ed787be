// Who may be given how much.
import type { Mutant } from '../mutant.ts';

export const ofCapacity: readonly Mutant[] = [
  {
    name: 'superseded-given-back-at-once',
    file: 'rollout/superseded.ts',
    text: 'if (weight <= 0) return stay(moment, toRoute(0));',
    becomes: 'if (weight <= 100) return stay(moment, toRoute(0));',
    removes: 'where another candidate comes, a main that its scaler has shrunk gets all the traffic at once',
    caughtBy: [{ row: 'row 33: another candidate', in: 'people' }],
  },
  {
    name: 'too-few-pods',
    file: 'rollout/capacity.ts',
    text: 'Math.ceil((weight * needed) / 100)',
    becomes: 'Math.floor((weight * needed) / 100)',
    removes: 'the twin is made with a pod less than its weight needs',
    caughtBy: [{ reference: 'healthy' }, { row: 'row 3:', in: 'intermediate' }],
  },
  {
    name: 'weight-without-pods',
    file: 'rollout/capacity.ts',
    text: 'return carried(twin.available, needed) >= asked ? asked : Math.min(given, carried(twin.ready, needed));',
    becomes: 'return asked;',
    removes: 'the twin gets the weight that was asked for, whatever pods it has',
    caughtBy: [{ row: 'row 15', in: 'stale' }],
  },
  {
    name: 'weight-kept-without-pods',
    file: 'rollout/capacity.ts',
    text: 'if (given >= asked) return Math.min(asked, carried(twin.ready, needed));',
    becomes: 'if (given >= asked) return asked;',
    removes: 'the twin keeps its weight when it loses its pods',
    caughtBy: [{ row: 'row 50', in: 'around' }],
  },
];
