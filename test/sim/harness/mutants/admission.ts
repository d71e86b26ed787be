// What the webhook answers, and what is taken up of what a policy held.
import type { Mutant } from '../mutant.ts';

export const ofAdmission: readonly Mutant[] = [
  {
    name: 'own-pause-forgotten',
    file: 'config/hold.ts',
    text: '{ ownPause: paused }',
    becomes: '{ ownPause: paused && false }',
    removes: 'that the owner had paused is forgotten when a release is held',
    caughtBy: [{ row: 'row 33', in: 'people' }],
  },
  {
    name: 'supersede-keeps-state',
    file: 'admission/template-change.ts',
    text: 'change: holding(templateOf(object), stable, { ...inherited(state), actor: username }),',
    becomes: 'change: { annotations: {}, paused: true, of: [stable, username] },',
    removes: 'a second candidate is held under the name of the first',
    caughtBy: [{ row: 'row 31', in: 'people' }],
  },
  {
    name: 'abort-keeps-hold',
    file: 'config/hold.ts',
    text: 'paused: state.ownPause ? undefined : false,',
    becomes: 'paused: undefined,',
    removes: 'a Deployment stays paused after its stable template is back',
    caughtBy: [{ reference: 'aborted' }],
  },
  {
    name: 'protected-not-restored',
    file: 'admission/mutate.ts',
    text: '...ours(update.oldObject),',
    becomes: '',
    removes: 'a replace or an undo takes away what is written of a rollout',
    caughtBy: [{ row: 'row 28', in: 'people' }],
  },
  {
    name: 'hold-taken-off-by-hand',
    file: 'admission/mutate.ts',
    text: 'const paused = isRolling ? isPaused(oldObject) : isHeld ? true : undefined;',
    becomes: 'const paused = isRolling ? isPaused(oldObject) : isHeld ? undefined : undefined;',
    removes: 'rollout resume lets a candidate out',
    caughtBy: [{ row: 'row 28', in: 'people' }],
  },
  {
    name: 'promotion-not-turned-back',
    file: 'admission/template-change.ts',
    text: "const turned: State = { ...state, phase: 'Promoting.Roll', ending: 'Aborted' };",
    becomes: 'const turned: State = state;',
    removes: 'the stable template applied while main rolls is not noted',
    caughtBy: [{ row: 'row 32: shop:good-1', in: 'owners' }],
  },
  {
    name: 'third-template-while-rolling',
    file: 'admission/template-change.ts',
    text: 'if (stable === undefined || !isSame(templateOf(update.object), stable)) {',
    becomes: 'if (stable === undefined) {',
    removes: 'any template is taken while main rolls to the one that was checked',
    caughtBy: [{ row: 'row 32: shop:good-3', in: 'owners' }],
  },
];
