// What makes a Deployment a bad candidate for a canary, whatever its plan says.
import { mutableTag } from '../admission/rules/mutable-tag.ts';
import type { Attempt } from '../admission/rules/rule.ts';
import { strategy } from '../admission/rules/strategy.ts';
import { templateOf } from '../kube/deployment.ts';
import type { JsonObject } from '../rollout/types.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import type { Doubt } from './unwise.ts';

const pods = 'spec.template.spec';

/** Everything unwise about a Deployment. */
export function doubtsAbout(deployment: JsonObject): readonly Doubt[] {
  return [...ofRules(deployment), ...unready(deployment), ...soon(deployment)];
}

/** What the rules of mode enforce say of it as it stands; where nothing is enforced it is as unwise. */
function ofRules(object: JsonObject): readonly Doubt[] {
  const judged = [
    { rule: strategy, path: 'spec.strategy' },
    { rule: mutableTag, path: `${pods}.containers` },
  ];
  return judged.flatMap(({ rule, path }) => {
    const found = rule.check(attempt(object), nothingAround);
    if (found instanceof Promise) return [];
    return found.map(({ seen, todo }) => ({ path, text: `${seen}, which mode enforce refuses: ${todo}` }));
  });
}

function attempt(object: JsonObject): Attempt {
  const user = { username: '', groups: [], extra: {} };
  const whose = { namespace: '', name: '', subResource: '', user, dryRun: true };
  return { ...whose, operation: 'CREATE', resource: 'apps/deployments', object, oldObject: {} };
}

/** Both rules look at the object alone. */
const nothingAround = {
  services: () => [],
  deployments: () => [],
  replicaSets: () => Promise.resolve([]),
  hasService: () => Promise.resolve(false),
  settings: () => Promise.reject(new Error('nobody asks')),
  can: () => Promise.resolve(false),
};

/** A pod is ready where each container is, and one without a probe is as soon as it runs. */
function unready(deployment: JsonObject): readonly Doubt[] {
  const containers = listAt(objectAt(templateOf(deployment), 'spec'), 'containers');
  const probed = containers.some((each) => Object.keys(objectAt(each, 'readinessProbe')).length > 0);
  if (probed || containers.length === 0) return [];
  const name = textAt(containers[0], 'name') ?? '';
  const text = `${name} has no readinessProbe: its pods count as ready, and get traffic, as soon as they run`;
  return [{ path: `${pods}.containers[0]`, text }];
}

function soon({ spec }: JsonObject): readonly Doubt[] {
  if (numberAt(spec, 'replicas') !== 1) return [];
  const text =
    'one replica: where its node is lost nothing serves, on trial or not, and any weight is of one pod';
  return [{ path: 'spec.replicas', text }];
}
