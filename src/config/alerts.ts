import { type Alert, severities } from '../rollout/alert.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import { objectNameOf } from './provider.ts';
import * as schema from './schema.ts';

/** Who a plan says is to hear of its rollouts; undefined where it says nothing, and the namespace's settings hold. */
export function alertsOf(field: Field): readonly Alert[] | undefined {
  return field.items()?.flatMap(alertOf);
}

function alertOf(field: Field): readonly Alert[] {
  checkNames(field, schema.alert);
  field.required('an alert');
  if (!field.isMap) return [];
  const [name, provider] = [field.at('name'), field.at('providerRef')];
  checkNames(provider, schema.providerRef);
  const named = provider.isGiven ? provider.at('name') : name;
  named.required('the name of a receiver (docs/messages.md)');
  // Beside a providerRef the name is a note, as in Flagger.
  if (provider.isGiven) name.text();
  const receiver = named.text();
  const namespace = objectNameOf(provider.at('namespace'));
  const severity = field.at('severity').choice(severities) ?? 'info';
  if (receiver === undefined) return [];
  return [{ receiver, severity, ...(namespace === undefined ? {} : { namespace }) }];
}
