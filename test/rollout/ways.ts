// The ways that are drawn in src/rollout/state.ts, each with what is enough to be seen for it to be gone.
import type { Phase, RolloutSpec } from '../../src/rollout/types.ts';

/** What is other than with a healthy candidate at the weight 10 of 10, 50 whose check is due and good. */
export interface Seen {
  readonly plan?: Partial<RolloutSpec>;
  readonly withdrawn?: string;
  readonly weight?: number;
  readonly ending?: 'Succeeded' | 'Failed' | 'Aborted';
  readonly main?: {
    readonly paused?: boolean;
    readonly updated?: number;
    readonly available?: number;
    readonly trouble?: string;
  };
  readonly trouble?: string;
  readonly hasTwin?: boolean;
  readonly isRouted?: boolean;
  readonly command?: 'retry';
}

const broken: Seen = { trouble: 'crash loop' };
const rolled = { paused: false, updated: 4 } as const;

/** From a candidate on trial, checked already or held. */
const fromTrial = {
  Starting: { hasTwin: false },
  'Promoting.Shift': { weight: 50 },
  'Promoting.Roll': { weight: 50, isRouted: false },
  RollingBack: broken,
} as const;

export const ways: Readonly<Record<Phase, { readonly [to in Phase]?: Seen }>> = {
  Pending: {
    Starting: { weight: 0 },
    Rolling: { weight: 0, plan: { promotion: 'inPlace' } },
    RollingBack: { withdrawn: 'no label' },
  },
  Starting: {
    Progressing: {},
    'Promoting.Shift': { plan: { skipAnalysis: true } },
    'Promoting.Roll': { plan: { skipAnalysis: true }, isRouted: false },
    RollingBack: broken,
  },
  Rolling: { Succeeded: { weight: 100, main: rolled }, RollingBack: { main: { trouble: 'crash loop' } } },
  Progressing: { ...fromTrial, Waiting: { plan: { suspended: true } } },
  Waiting: { ...fromTrial, Progressing: {} },
  'Promoting.Shift': { 'Promoting.Roll': { weight: 100 }, RollingBack: broken },
  'Promoting.Roll': {
    'Promoting.Return': { weight: 100, main: rolled },
    Finalising: { weight: 0, main: rolled, isRouted: false },
  },
  'Promoting.Return': { Finalising: { weight: 0, main: rolled } },
  Finalising: {
    'Promoting.Return': { weight: 100, main: { ...rolled, available: 0 } },
    Succeeded: { weight: 0, main: rolled },
    Aborted: { weight: 0, main: rolled, ending: 'Aborted' },
  },
  RollingBack: { Failed: { weight: 0, ending: 'Failed' }, Aborted: { weight: 0, ending: 'Aborted' } },
  Failed: { Pending: { command: 'retry' } },
  Succeeded: {},
  Aborted: {},
};

export const phases = Object.keys(ways) as readonly Phase[];
