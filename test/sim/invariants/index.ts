import type { Invariant } from '../types.ts';
import { i1 } from './i1-routes.ts';
import { i2 } from './i2-capacity.ts';
import { i3 } from './i3-stable.ts';
import { i4 } from './i4-twin.ts';
import { i5 } from './i5-evidence.ts';
import { i6 } from './i6-rollback.ts';
import { i7 } from './i7-way-back.ts';
import { i8 } from './i8-asked.ts';
import { i9 } from './i9-admission.ts';
import { i10 } from './i10-rest.ts';
import { i11 } from './i11-preconditions.ts';
import { i12 } from './i12-traces.ts';
import { i13 } from './i13-verdicts.ts';
import { i14 } from './i14-liveness.ts';
import { i15 } from './i15-requests.ts';
import { i16 } from './i16-beside.ts';
import { i17 } from './i17-commands.ts';
import { i18 } from './i18-groups.ts';
import { i19 } from './i19-gates.ts';
import { i20 } from './i20-brake.ts';
import { i21 } from './i21-own.ts';
import { i22 } from './i22-guards.ts';
import { i23 } from './i23-config.ts';

/** What must hold in every simulation, whatever happens in it. */
export const invariants: readonly Invariant[] = [
  i1,
  i2,
  i3,
  i4,
  i5,
  i6,
  i7,
  i8,
  i9,
  i10,
  i11,
  i12,
  i13,
  i14,
  i15,
  i16,
  i17,
  i18,
  i19,
  i20,
  i21,
  i22,
  i23,
];
