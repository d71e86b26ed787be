// The CEL expressions of Serin's manifests. There is no CEL here: each text as it stands there has its meaning in
// TypeScript beside it. A text that is not in the table cannot be passed over: conditions.test.ts looks them all up.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../../../src/routing/json.ts';
import { isSame } from './frozen.ts';

/** What an expression can name. */
export interface Variables {
  readonly username: string;
  readonly operation: string;
  readonly object: JsonObject;
  readonly oldObject: JsonObject;
}

type Expression = (variables: Variables) => Json;

const annotations = (object: JsonObject): JsonObject => objectAt(objectAt(object, 'metadata'), 'annotations');
const own = (object: JsonObject): readonly string[] =>
  Object.keys(annotations(object)).filter((key) => key.startsWith('serin.dev/'));
const spec = (object: JsonObject): JsonObject => objectAt(object, 'spec');
const isPaused = (object: JsonObject): boolean => spec(object)['paused'] === true;
const areOwnSame = ({ object, oldObject }: Variables): boolean =>
  [...own(object), ...own(oldObject)].every(
    (key) => annotations(object)[key] === annotations(oldObject)[key],
  );

const table: readonly (readonly [text: string, meaning: Expression])[] = [
  [
    `request.userInfo.username != 'system:serviceaccount:serin-system:serin'`,
    ({ username }) => username !== 'system:serviceaccount:serin-system:serin',
  ],
  [
    `request.operation == 'CREATE'
      ? object.metadata.?annotations.orValue({}).exists(key, key.startsWith('serin.dev/'))
      : object.spec.template != oldObject.spec.template
      || object.spec.?paused.orValue(false) != oldObject.spec.?paused.orValue(false)
      || [object, oldObject].exists(either, either.metadata.?annotations.orValue({}).exists(key,
      key.startsWith('serin.dev/')
      && object.metadata.?annotations[?key] != oldObject.metadata.?annotations[?key]))`,
    (variables) => {
      const { operation, object, oldObject } = variables;
      if (operation === 'CREATE') return own(object).length > 0;
      return (
        !isSame(spec(object)['template'], spec(oldObject)['template']) ||
        isPaused(object) !== isPaused(oldObject) ||
        !areOwnSame(variables)
      );
    },
  ],
  [
    `[object, oldObject].all(either, either.metadata.?annotations.orValue({}).all(key,
      !key.startsWith('serin.dev/')
      || object.metadata.?annotations[?key] == oldObject.metadata.?annotations[?key]))`,
    areOwnSame,
  ],
  [`object.spec.?paused.orValue(false) == true`, ({ object }) => isPaused(object)],
  [
    `object.metadata.?annotations[?'serin.dev/state'].hasValue()
      && !object.metadata.annotations['serin.dev/state'].contains('"phase":"Failed"')`,
    ({ object }) => {
      const state = textAt(annotations(object), 'serin.dev/state');
      return state !== undefined && !state.includes('"phase":"Failed"');
    },
  ],
  [
    `object.?status.?conditions.orValue([]).exists(condition, condition.type == 'Progressing'
      && condition.?reason.orValue('') == 'ProgressDeadlineExceeded')`,
    ({ object }) =>
      listAt(objectAt(object, 'status'), 'conditions').some(
        (each) =>
          isObject(each) && each['type'] === 'Progressing' && each['reason'] === 'ProgressDeadlineExceeded',
      ),
  ],
  [
    `Object{status: Object.status{conditions: [Object.status.conditions{
        type: 'Progressing', status: 'Unknown', reason: 'DeploymentPaused', message: 'Deployment is paused'}]}}`,
    () => ({
      status: {
        conditions: [
          {
            type: 'Progressing',
            status: 'Unknown',
            reason: 'DeploymentPaused',
            message: 'Deployment is paused',
          },
        ],
      },
    }),
  ],
];

const plain = (text: string): string => text.replaceAll(/\s+/g, ' ').trim();
const meanings = new Map(table.map(([text, meaning]) => [plain(text), meaning]));

/** What the expression comes to; throws where the simulator was not taught it. */
export function evaluated(text: string, variables: Variables): Json {
  const meaning = meanings.get(plain(text));
  if (meaning === undefined) throw new Error(`teach the simulator this expression (conditions.ts): ${text}`);
  return meaning(variables);
}

/** True where the table has it. */
export function isTaught(text: string): boolean {
  return meanings.has(plain(text));
}
