import type { RolloutSpec, TwinScaler } from '../rollout/types.ts';
import type { Field } from './field.ts';
import { checkNames } from './known.ts';
import { objectNameOf } from './provider.ts';
import * as schema from './schema.ts';

/** The autoscaler of `autoscalerRef`, where `twinScaler` asks that the twin gets a copy of it. */
export function scalerOf(root: Field, promotion: RolloutSpec['promotion']): TwinScaler | undefined {
  const [ref, asked] = [root.at('autoscalerRef'), root.at('twinScaler')];
  checkNames(ref, schema.autoscalerRef);
  const kind = ref.at('kind').choice(['HorizontalPodAutoscaler', 'ScaledObject']);
  const name = objectNameOf(ref.at('name'));
  if (asked.isGiven && typeof asked.value !== 'boolean') checkNames(asked, schema.twinScaler);
  if (!asked.isGiven || asked.value === false) {
    if (ref.isGiven)
      ref.note(
        'not used: the stable version keeps its scaler, and the replicas of the candidate follow its traffic',
      );
    return undefined;
  }
  if (promotion === 'inPlace') asked.report('does not go with promotion inPlace, where there is no twin');
  ref.required('kind and name of the scaler that twinScaler copies');
  for (const part of ref.isMap ? ['kind', 'name'] : []) ref.at(part).required('what the scaler is');
  const bounds = boundsOf(asked);
  return kind === undefined || name === undefined ? undefined : { kind, name, ...bounds };
}

function boundsOf(field: Field): Pick<TwinScaler, 'minReplicas' | 'maxReplicas'> {
  const [min, max] = [field.at('minReplicas'), field.at('maxReplicas')];
  const [minReplicas, maxReplicas] = [min.whole(1, 100_000), max.whole(1, 100_000)];
  if (minReplicas !== undefined && maxReplicas !== undefined && minReplicas > maxReplicas)
    min.report(`is above maxReplicas: ${minReplicas} and ${maxReplicas}`);
  return {
    ...(minReplicas === undefined ? {} : { minReplicas }),
    ...(maxReplicas === undefined ? {} : { maxReplicas }),
  };
}
