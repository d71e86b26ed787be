import { isSame } from '../rollout/template.ts';
import type { Json, JsonObject } from '../rollout/types.ts';
import { isObject, listAt, objectAt, textAt } from '../routing/json.ts';
import { nameOf, templateOf } from './deployment.ts';

/** What always leads back. `kubectl rollout undo` does not: kubectl refuses it while a Deployment is paused. */
export const applyStable = 'apply the stable version again';

/** Longer than this, a command would not be read to its end (a warning is best within 120 characters, cut after 256). */
const mostLetters = 100;

/** What makes `stable` of the template that `deployment` holds: one command of kubectl's where images alone differ. */
export function wayBack(deployment: JsonObject, stable: Json): string {
  const images = imagesOf(stable);
  if (!isSame(withImages(templateOf(deployment), images), stable)) return applyStable;
  const now = new Map(imagesOf(templateOf(deployment)));
  const changed = images.filter(([name, image]) => now.get(name) !== image);
  const words = changed.map(([name, image]) => `${name}=${image}`);
  const command = `kubectl set image deploy/${nameOf(deployment)} ${words.join(' ')}`;
  return command.length > mostLetters ? applyStable : command;
}

function imagesOf(template: Json): readonly (readonly [name: string, image: string])[] {
  return listAt(objectAt(template, 'spec'), 'containers').flatMap((container) => {
    const [name, image] = [textAt(container, 'name'), textAt(container, 'image')];
    return name === undefined || image === undefined ? [] : [[name, image] as const];
  });
}

/** The template with those images in the containers of those names. */
function withImages(template: Json, images: readonly (readonly [string, string])[]): Json {
  if (!isObject(template)) return template;
  const wanted = new Map(images);
  const spec = objectAt(template, 'spec');
  const containers = listAt(spec, 'containers').map((container): Json => {
    const image = wanted.get(textAt(container, 'name') ?? '');
    return isObject(container) && image !== undefined ? { ...container, image } : container;
  });
  return { ...template, spec: { ...spec, containers } };
}
