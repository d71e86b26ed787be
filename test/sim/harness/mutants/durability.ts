// What is on the record before something follows from it.
import type { Mutant } from '../mutant.ts';

export const ofDurability: readonly Mutant[] = [
  {
    name: 'advance-before-evidence',
    file: 'rollout/check.ts',
    text: 'actions: [write, ...record, event]',
    becomes: 'actions: [...record, write, event]',
    removes: 'the weight rises before the check that lets it is written down',
    caughtBy: [{ row: 'row 3:', in: 'intermediate' }],
  },
  {
    name: 'promotion-before-evidence',
    file: 'rollout/check.ts',
    text: "actions: [write, { do: 'record' }, ...then]",
    becomes: "actions: [{ do: 'record' }, write, ...then]",
    removes: 'the promotion is decided before the check that lets it is written down',
    caughtBy: [{ reference: 'healthy' }, { crash: 'healthy', flaw: 'crash before' }],
  },
  {
    name: 'rollback-without-mark',
    file: 'rollout/rollback.ts',
    text: "actions.push({ do: 'route', weight: 0, rolledBack: state.revision });",
    becomes: "actions.push({ do: 'route', weight: 0 });",
    removes: 'the route does not say of which candidate the weight was taken',
    caughtBy: [{ row: 'row 5:', in: 'intermediate' }],
  },
  {
    name: 'mark-not-heeded',
    file: 'rollout/analyse.ts',
    text: "if (route.kind === 'split' && route.rolledBack === state.revision) {",
    becomes: "if (route.kind === 'split' && route.rolledBack === '') {",
    removes: 'a candidate whose weight was taken is given it again where the record was lost',
    caughtBy: [{ crash: 'a bad version', flaw: 'crash after' }],
  },
  {
    name: 'hold-without-state',
    file: 'config/hold.ts',
    text: 'annotations: { [names.state]: writeState(state), [names.stable]: reverse }, paused: true',
    becomes: 'annotations: { [names.stable]: reverse }, paused: true',
    removes: 'a template is held and nothing says so',
    caughtBy: [{ row: 'row 3:', in: 'intermediate' }],
  },
  {
    name: 'state-without-hold',
    file: 'config/hold.ts',
    text: 'annotations: { [names.state]: writeState(state), [names.stable]: reverse }, paused: true',
    becomes: 'annotations: { [names.state]: writeState(state), [names.stable]: reverse }',
    removes: 'a template is said to be held and rolls',
    caughtBy: [{ reference: 'healthy' }],
  },
];
