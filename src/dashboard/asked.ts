import { type Said, parseCommand } from '../config/asked-command.ts';
import { Field, type Findings, mistakeText } from '../config/field.ts';
import { parseJson } from '../config/json.ts';
import { objectName } from '../config/provider.ts';

/** A command for one rollout. */
export interface Asked {
  readonly namespace: string;
  readonly name: string;
  /** The candidate that was seen, where one was. */
  readonly revision?: string;
  readonly said: Said;
}

/** Reads what the page asks for, a map of namespace, name and what `serin.dev/command` takes; or says what is wrong. */
export function readAsked(body: string): Asked | { readonly problem: string } {
  const findings: Findings = { mistakes: [], notes: [] };
  const root = new Field('', parseJson(body) ?? null, findings);
  if (!root.isMap) root.expected('a map in JSON');
  const [namespace = '', name = '', revision] = ['namespace', 'name', 'revision'].map((key) =>
    root.at(key).text(),
  );
  const [wrong] = findings.mistakes;
  if (wrong !== undefined) return { problem: mistakeText(wrong, 'the body') };
  if (![namespace, name].every((each) => objectName.test(each)))
    return { problem: 'namespace and name: expected those of a Deployment' };
  const { do: verb, reason, to } = Object(root.value) as { [key: string]: unknown };
  const parsed = parseCommand(JSON.stringify({ do: verb, reason, to }));
  if ('problem' in parsed) return parsed;
  return { namespace, name, said: parsed.said, ...(revision === undefined ? {} : { revision }) };
}
