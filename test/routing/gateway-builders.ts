// Values that the tests of Gateway API share.
import type { Beside } from '../../src/rollout/strategy.ts';
import type { JsonObject } from '../../src/rollout/types.ts';

export const cookie: NonNullable<Beside['affinity']> = {
  ...{ cookieName: 'shop.canary', value: 'abc', maxAgeSeconds: 60 },
  ...{ path: '/', sameSite: 'Lax', httpOnly: true },
};

/** An HTTPRoute with these rules. */
export function aRoute(rules: readonly JsonObject[], namespace = 'shop'): JsonObject {
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'web', namespace, resourceVersion: '7' },
    spec: { rules },
  };
}

/** A backendRef; without a weight where none is given. */
export function to(name: string, weight?: number): JsonObject {
  return { name, port: 80, ...(weight === undefined ? {} : { weight }) };
}

/** The backends of the rule at `index`, each as `name weight`. */
export function backends(route: JsonObject, index = 0): readonly string[] {
  const { rules } = route['spec'] as { rules: { backendRefs?: { name: string; weight?: number }[] }[] };
  return (rules.filter((rule) => !JSON.stringify(rule).includes('"serin-'))[index]?.backendRefs ?? []).map(
    ({ name, weight }) => `${name} ${weight ?? '-'}`,
  );
}
