import { type Gate, type GateType, gateTypes } from '../rollout/gate.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import { addressOf, secretNameOf } from './provider.ts';
import * as schema from './schema.ts';

/** How long a gate may take where nothing is said, as in Flagger. */
const usualTimeoutMs = 10_000;
const longestTimeoutMs = 600_000;

/** The gates and hooks of a plan, in its order. */
export function gatesOf(field: Field): readonly Gate[] {
  const gates = field.items()?.flatMap(gateOf) ?? [];
  for (const [index, gate] of gates.entries()) {
    const same = gates.findIndex(({ name, type }) => name === gate.name && type === gate.type);
    // What a gate said is kept under both.
    if (same < index) field.report(`names ${gate.name} twice as ${gate.type}: give each a name of its own`);
  }
  return gates;
}

function gateOf(field: Field): readonly Gate[] {
  checkNames(field, schema.webhook);
  field.required('a webhook');
  if (!field.isMap) return [];
  field.at('name').required('the name of the webhook');
  field.at('url').required('the URL that is called');
  const [name, url, secret] = [
    field.at('name').text(),
    addressOf(field.at('url')),
    secretNameOf(field.at('secretRef')),
  ];
  const gate = {
    type: typeOf(field.at('type')),
    timeoutMs: timeoutOf(field.at('timeout')),
    retries: field.at('retries').whole(0, 10) ?? 0,
    muteAlert: field.at('muteAlert').flag() ?? false,
    disableTls: field.at('disableTLS').flag() ?? false,
    metadata: field.at('metadata').textsByName() ?? {},
    ...(secret === undefined ? {} : { secret }),
  };
  return name === undefined || url === undefined ? [] : [{ name, url, ...gate }];
}

/** As in Flagger, one without a type is asked at every check. */
function typeOf(field: Field): GateType {
  return field.value === '' ? 'rollout' : (field.choice(gateTypes) ?? 'rollout');
}

function timeoutOf(field: Field): number {
  const ms = field.duration() ?? usualTimeoutMs;
  if (ms > longestTimeoutMs)
    field.report('is longer than 10m: a gate that takes time says no until it is open');
  return ms;
}
