// CEL as kube-apiserver evaluates it in policies and match conditions: the expressions of the manifests as they stand there.
import { Environment, type Optional } from '@marcbachmann/cel-js';
import type { Json, JsonObject } from '../../../src/rollout/types.ts';

/** What an expression can name. */
export interface Variables {
  readonly request: {
    readonly username: string;
    readonly operation: string;
    readonly namespace: string;
    readonly name: string;
    readonly dryRun: boolean;
  };
  readonly object: JsonObject | null;
  readonly oldObject: JsonObject | null;
  readonly namespaceObject: JsonObject | null;
  /** Whether the caller may do that: the verb on a resource of a group, in the namespace of the request. */
  readonly mayDo: (verb: string, group: string, resource: string) => boolean;
  /** The variables of the policy, by name. */
  readonly own: readonly { readonly name: string; readonly expression: string }[];
}

/** What `authorizer.group(...).resource(...)` has gathered so far. */
class Authorizer {
  readonly mayDo: Variables['mayDo'];
  readonly group: string;
  readonly resource: string;

  constructor(mayDo: Variables['mayDo'], group = '', resource = '') {
    this.mayDo = mayDo;
    this.group = group;
    this.resource = resource;
  }
}

class Answer {
  readonly isAllowed: boolean;

  constructor(isAllowed: boolean) {
    this.isAllowed = isAllowed;
  }
}

const areSame = (a: Optional, b: Optional): boolean =>
  a.hasValue() === b.hasValue() && (!a.hasValue() || canonical(a.value()) === canonical(b.value()));

// kube-apiserver has these of CEL's strings extension, and optional values that can be compared.
const environment = new Environment({
  enableOptionalTypes: true,
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
})
  .registerType('Authorizer', Authorizer)
  .registerType('Answer', Answer)
  .registerFunction('Authorizer.group(string): Authorizer', (of: Authorizer, group: string) => {
    return new Authorizer(of.mayDo, group, of.resource);
  })
  .registerFunction('Authorizer.resource(string): Authorizer', (of: Authorizer, resource: string) => {
    return new Authorizer(of.mayDo, of.group, resource);
  })
  .registerFunction('Authorizer.namespace(string): Authorizer', (of: Authorizer) => of)
  .registerFunction('Authorizer.name(string): Authorizer', (of: Authorizer) => of)
  .registerFunction('Authorizer.check(string): Answer', (of: Authorizer, verb: string) => {
    return new Answer(of.mayDo(verb, of.group, of.resource));
  })
  .registerFunction('Answer.allowed(): bool', ({ isAllowed }: Answer) => isAllowed)
  .registerFunction('string.replace(string, string): string', (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  )
  .registerOperator('optional<dyn> == optional<dyn>', areSame);

type Compiled = (context: Record<string, unknown>) => unknown;
const compiled = new Map<string, Compiled>();

/** The value of an expression; throws where it fails to evaluate, or is of a form that the library lacks. */
export function evaluated(expression: string, variables: Variables): Json {
  const { request, own, mayDo, ...objects } = variables;
  const { username, ...rest } = request;
  const context: Record<string, unknown> = {
    ...objects,
    request: { ...rest, userInfo: { username } },
    authorizer: new Authorizer(mayDo),
    variables: {},
  };
  for (const { name, expression: text } of own) defineLazily(context, name, text);
  return plain(compile(expression)(context));
}

/** As kube-apiserver: a variable is evaluated when it is first named, and once. */
function defineLazily(context: Record<string, unknown>, name: string, expression: string): void {
  let value: { readonly of: unknown } | undefined;
  Object.defineProperty(context['variables'], name, {
    enumerable: true,
    get: () => {
      value ??= { of: compile(expression)(context) };
      return value.of;
    },
  });
}

function compile(expression: string): Compiled {
  const known = compiled.get(expression);
  if (known !== undefined) return known;
  const made = environment.parse(asMaps(expression)) as Compiled;
  compiled.set(expression, made);
  return made;
}

/** `JSONPatch{op: ...}` and `Object.spec{...}` make objects of a type; as maps they say the same. */
function asMaps(expression: string): string {
  const type = /\b(?:JSONPatch|Object(?:\.\w+)*)\{/g;
  if (!type.test(expression)) return expression;
  return expression.replaceAll(type, '{').replaceAll(/([{,]\s*)(\w+)(\s*:)/g, `$1'$2'$3`);
}

/** CEL counts in whole numbers of 64 bits, JSON does not tell them from others. */
function plain(value: unknown): Json {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, each]) => [String(key), plain(each)]));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]));
  return value as Json;
}

function canonical(value: unknown): string {
  return JSON.stringify(plain(value));
}
