import { deepEqual, equal, ok } from 'node:assert/strict';
import { describe, test } from 'node:test';
import { decide, type Surroundings } from '../../src/admission/mutate.ts';
import type { Asked, Verdict } from '../../src/admission/verdict.ts';
import { readState } from '../../src/config/state.ts';
import type { JsonObject } from '../../src/rollout/types.ts';
import { objectAt } from '../../src/routing/json.ts';
import { golden, noStaleGolden } from '../golden.ts';
import type { Expected } from './asking.ts';
import { forged } from './cases-forged.ts';
import { midway, promoting } from './cases-underway.ts';
import { configured, fresh } from './cases.ts';
import {
  aDeployment,
  controller,
  patched,
  states,
  standing,
  templates,
  updating,
  changed,
} from './deployments.ts';

function summaryOf(verdict: Verdict, object: JsonObject): Expected {
  if (verdict.kind === 'deny') return { denied: verdict.code };
  const after = patched(object, verdict.patch);
  const state = readState(objectAt(objectAt(after, 'metadata'), 'annotations'));
  return {
    outcome: verdict.outcome,
    paused: objectAt(after, 'spec')['paused'] === true,
    phase: state === undefined || 'corrupt' in state ? undefined : state.phase,
  };
}

/** What no answer may do, whatever was asked. */
function checkManners(asked: Asked, verdict: Verdict): void {
  if (verdict.kind === 'deny') return ok(verdict.message.length > 0);
  const again = decide({ ...asked, object: patched(asked.object, verdict.patch) }, { controller });
  deepEqual(again.kind === 'allow' ? again.patch : again, [], 'asked again, it has nothing to add');
  deepEqual(decide({ ...asked, dryRun: true }, { controller }), verdict, 'a dry run is answered the same');
  for (const { path } of verdict.patch) ok(/^\/(metadata\/annotations|spec\/paused)(\/|$)/.test(path), path);
}

for (const [group, table] of Object.entries({ fresh, configured, midway, promoting, forged })) {
  describe(group, () => {
    for (const [behaviour, { asked, expected }] of Object.entries(table)) {
      test(behaviour, () => {
        const before = JSON.stringify(asked);
        const verdict = decide(asked, { controller });
        equal(JSON.stringify(asked), before, 'the request is left as it was');
        deepEqual(summaryOf(verdict, asked.object), expected);
        checkManners(asked, verdict);
        golden(
          `admission/${behaviour.replaceAll(/[^a-z0-9]+/gi, '-')}.json`,
          `${JSON.stringify(verdict, null, 2)}\n`,
        );
      });
    }
  });
}

test('no golden answer is left that no case asks for', () => noStaleGolden('admission'));

const surroundings: {
  readonly [behaviour: string]: readonly [
    services: string[] | undefined,
    istio: boolean | undefined,
    why?: string,
  ];
} = {
  'a Service and Istio are there: nothing is said': [['web'], true],
  'nothing is known: nothing is said': [undefined, undefined],
  'no Service selects the pods: said': [[], true, 'no Service selects its pods'],
  'Istio is not installed: said': [['web'], false, 'Istio is not installed'],
  'neither is there: said once': [[], false, 'no Service selects its pods'],
};

for (const [behaviour, [services, istio, why]] of Object.entries(surroundings)) {
  const around: Surroundings = {
    servicesFor: (namespace, labels) => {
      deepEqual([namespace, labels], ['shop', { app: 'web' }]);
      return services;
    },
    istio: () => istio,
  };
  const extra =
    why === undefined
      ? []
      : [`${why}: web is checked without traffic: readiness, restarts and the plan's own metrics`];
  for (const old of [aDeployment(), standing(states.progressing)]) {
    test(`${behaviour}, and the outcome is the same (${objectAt(old, 'spec')['paused'] === true ? 'superseded' : 'held'})`, () => {
      const asked = updating(old, changed(old, { template: templates.three }));
      const [plain, told] = [
        decide(asked, { controller }),
        decide(asked, { controller, surroundings: around }),
      ];
      ok(plain.kind === 'allow');
      deepEqual(told, { ...plain, warnings: [...plain.warnings, ...extra] });
    });
  }
}

test('what is not held is not asked about', () => {
  const never = (): never => {
    throw new Error('asked');
  };
  const asked = updating(aDeployment(), aDeployment({ replicas: 9 }));
  const verdict = decide(asked, { controller, surroundings: { servicesFor: never, istio: never } });
  equal(verdict.kind, 'allow');
});
