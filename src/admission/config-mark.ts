import { configOf, withConfig } from '../config/config-seen.ts';
import { templateOf } from '../kube/deployment.ts';
import { names } from '../kube/objects.ts';
import { isSame } from '../rollout/template.ts';
import type { PatchOp } from '../rollout/types.ts';
import { isObject, objectAt } from '../routing/json.ts';
import { escaped } from '../routing/pointer.ts';
import type { Update } from './template-change.ts';

/** An update that leaves the mark of a change of configuration in the template as it is stored. */
interface Kept {
  readonly update: Update;
  /** What makes the object that was sent into that. */
  readonly ops: readonly PatchOp[];
  /** True where nothing else of the template was to change. */
  readonly isAlone: boolean;
}

/**
 * A client that writes the whole object (kubectl replace, Argo CD with Replace) drops what it does not know, and an undo
 * brings back an old one: neither is a release, since it is not what the pods read.
 */
export function keepingConfig(update: Update): Kept {
  const [template, stored] = [templateOf(update.object), templateOf(update.oldObject)];
  const mark = configOf(stored);
  if (configOf(template) === mark) return { update, ops: [], isAlone: false };
  const kept = withConfig(template, mark);
  const object = { ...update.object, spec: { ...objectAt(update.object, 'spec'), template: kept } };
  return { update: { ...update, object }, ops: [opFor(update, mark)], isAlone: isSame(kept, stored) };
}

const annotations = '/spec/template/metadata/annotations';

function opFor({ object }: Update, mark: string | undefined): PatchOp {
  const path = `${annotations}/${escaped(names.config)}`;
  const metadata = objectAt(templateOf(object), 'metadata');
  // One that is no mark is dropped with the rest where it is the only annotation: an empty map is not the same as none.
  if (mark === undefined) {
    const isOnly = Object.keys(objectAt(metadata, 'annotations')).length === 1;
    return { op: 'remove', path: isOnly ? annotations : path };
  }
  if (isObject(metadata['annotations'])) return { op: 'add', path, value: mark };
  return isObject(objectAt(object['spec'], 'template')['metadata'])
    ? { op: 'add', path: annotations, value: { [names.config]: mark } }
    : { op: 'add', path: '/spec/template/metadata', value: { annotations: { [names.config]: mark } } };
}
