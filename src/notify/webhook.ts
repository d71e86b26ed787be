import type { JsonObject } from '../rollout/types.ts';
import type { Message } from './message.ts';

/** The message as programs read it: its fields stay, more may come. */
export function webhook(message: Message): JsonObject {
  const { id, kind, severity, at, namespace, name, cluster, title, text, phase, link } = message;
  const { revision, stableRevision, actor, weight, images, evidence } = message;
  return {
    ...{ id, kind, severity, at: new Date(at).toISOString(), namespace, name },
    ...(cluster === undefined ? {} : { cluster }),
    ...{ title, text, phase, revision, stableRevision, actor, weight },
    images: images.map((image) => ({ ...image })),
    evidence: [...evidence],
    ...(link === undefined ? {} : { link }),
  };
}
