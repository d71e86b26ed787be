import type { Floor } from '../../config/floor.ts';
import type { User } from '../../kube/access.ts';
import type { KubeObject } from '../../kube/objects.ts';
import type { JsonObject } from '../../rollout/types.ts';

export type Operation = 'CREATE' | 'UPDATE' | 'DELETE';

/** What somebody is about to do to an object of an enforced namespace. */
export interface Attempt {
  readonly operation: Operation;
  /** `group/plural`, with the subresource where there is one: `apps/deployments`, `pods/ephemeralcontainers`. */
  readonly resource: string;
  readonly subResource: string;
  readonly namespace: string;
  readonly name: string;
  readonly user: User;
  readonly dryRun: boolean;
  /** As it would be stored; empty for a DELETE. */
  readonly object: JsonObject;
  /** As it is stored; empty for a CREATE. */
  readonly oldObject: JsonObject;
}

/** What the ConfigMap `serin` of the namespace says. */
export interface Settings {
  /** The defaults of its plans (`canary.yaml`). */
  readonly defaults: string | undefined;
  /** How weak a plan may be at most (`enforce.yaml`). */
  readonly floor: Floor;
}

/**
 * What a rule may know of the namespace the attempt is made in, and of who makes it. What cannot be had is thrown as a
 * SerinError: a rule never takes "not known" for "not there".
 */
export interface Around {
  services(): readonly KubeObject[];
  deployments(): readonly KubeObject[];
  replicaSets(): Promise<readonly KubeObject[]>;
  /** Whether the Service is there at this very moment: copies are a moment behind. */
  hasService(name: string): Promise<boolean>;
  settings(): Promise<Settings>;
  /** Whether the user may do `verb` on deployments.serin.dev here. */
  can(verb: string): Promise<boolean>;
}

/** What is wrong with an attempt: what was seen, and what to do instead. */
export interface Finding {
  readonly seen: string;
  readonly todo: string;
}

export interface Rule {
  /** In kebab-case; refusals, metrics and docs/rules.md name the rule by it. */
  readonly id: string;
  readonly looksAt: readonly { readonly resource: string; readonly operations: readonly Operation[] }[];
  /** What becomes of an attempt with findings; `warn` says so and lets it pass. */
  readonly effect: 'refuse' | 'warn';
  check(attempt: Attempt, around: Around): readonly Finding[] | Promise<readonly Finding[]>;
}

/** True where the rule looks at such attempts. */
export function looksAt(rule: Rule, { resource, operation }: Attempt): boolean {
  return rule.looksAt.some((look) => look.resource === resource && look.operations.includes(operation));
}
