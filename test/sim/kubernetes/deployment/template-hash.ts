// Which ReplicaSet runs which template.
import { canonicalJson } from '../../../../src/rollout/template.ts';
import { type Labels, type Deployment, type ReplicaSet, type Template } from '../objects.ts';
import { byAge } from './arithmetic.ts';

export const hashLabel = 'pod-template-hash';

/** Templates are shared between versions of an object, and so is their text. */
const texts = new WeakMap<Template, string>();

function textOf(template: Template): string {
  const known = texts.get(template);
  if (known !== undefined) return known;
  const { [hashLabel]: _, ...labels } = template.metadata?.labels ?? {};
  const text = canonicalJson({ ...template, metadata: { ...template.metadata, labels } });
  texts.set(template, text);
  return text;
}

/** The oldest of the sets that run the Deployment's template. */
export function setOfTemplate({ spec }: Deployment, sets: readonly ReplicaSet[]): ReplicaSet | undefined {
  const text = textOf(spec.template);
  const same = sets.filter((set) => textOf(set.spec.template) === text);
  return same.length > 1 ? same.sort(byAge)[0] : same[0];
}

// Kubernetes' alphabet for generated names: no vowels, nothing that reads like another letter.
const letters = 'bcdfghjklmnpqrstvwxz2456789';

/** Ten letters that are the same for the same template; another collision count, other letters (FNV-1a, twice). */
export function templateHash(template: Template, collisions = 0): string {
  const text = `${textOf(template)}${collisions === 0 ? '' : collisions}`;
  let [low, high] = [0x81_1c_9d_c5, 0x01_00_01_93];
  for (let at = 0; at < text.length; at += 1) {
    low = Math.imul(low ^ text.charCodeAt(at), 0x01_00_01_93);
    high = Math.imul(high ^ low, 0x85_eb_ca_6b);
  }
  return word(low) + word(high);
}

function word(value: number): string {
  let left = value >>> 0;
  let made = '';
  for (let count = 0; count < 5; count += 1) {
    made += letters[left % letters.length];
    left = Math.floor(left / letters.length);
  }
  return made;
}

export function withHash(labels: Labels | undefined, hash: string): Labels {
  return { ...labels, [hashLabel]: hash };
}
