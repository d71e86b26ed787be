import type { JsonObject, RolloutSpec } from '../rollout/types.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import { objectNameOf } from './provider.ts';
import * as schema from './schema.ts';

type Service = RolloutSpec['service'];

/** Whose traffic is split, and what the route is to say that is made where there is none. */
export function serviceOf(field: Field): Service {
  checkNames(field, schema.service);
  const virtualService = virtualServiceOf(field.at('virtualService'));
  const name = objectNameOf(field.at('name'));
  const port = field.at('port').whole(1, 65_535);
  const hosts = field.at('hosts').texts();
  const gateways = field.at('gateways').texts();
  const gatewayRefs = field.at('gatewayRefs').items()?.flatMap(gatewayRefOf);
  checkDelegation(field);
  return {
    ...(name === undefined ? {} : { name }),
    ...(port === undefined ? {} : { port }),
    ...(hosts === undefined ? {} : { hosts }),
    ...(gateways === undefined ? {} : { gateways }),
    ...(gatewayRefs === undefined ? {} : { gatewayRefs }),
    ...(virtualService === undefined ? {} : { virtualService }),
  };
}

function virtualServiceOf(field: Field): Service['virtualService'] {
  checkNames(field, schema.virtualService);
  if (!field.isGiven) return undefined;
  field.at('name').required('the name of the VirtualService');
  const name = objectNameOf(field.at('name'));
  const routes = field.at('routes').texts();
  return name === undefined ? undefined : { name, ...(routes === undefined ? {} : { routes }) };
}

function gatewayRefOf(field: Field): readonly JsonObject[] {
  checkNames(field, schema.gatewayRef);
  field.required('a Gateway');
  if (!field.isMap) return [];
  field.at('name').required('the name of the Gateway');
  const names = ['name', 'namespace', 'sectionName'].map((key) => [key, objectNameOf(field.at(key))]);
  // The group of a Service is empty.
  const group = field.at('group').value === '' ? '' : objectNameOf(field.at('group'));
  const [kind, port] = [field.at('kind').text(), field.at('port').whole(1, 65_535)];
  const given = [...names, ['group', group], ['kind', kind], ['port', port]].filter(
    ([, value]) => value !== undefined,
  );
  return [Object.fromEntries(given) as JsonObject];
}

/** As in Flagger: what is delegated to has no hosts and gateways, since the one that delegates says them. */
function checkDelegation(field: Field): void {
  const delegation = field.at('delegation');
  if (delegation.flag() !== true) return;
  const other = ['hosts', 'gateways'].find((key) => field.at(key).isGiven);
  if (other !== undefined)
    return delegation.report(
      `does not go with ${field.at(other).path}: the VirtualService that delegates says them`,
    );
  delegation.note('write the VirtualService that is delegated to yourself: it is edited like any other');
}
