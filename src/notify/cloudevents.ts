// CloudEvents 1.0 over HTTP: https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
import type { Receiver } from '../config/messages.ts';
import type { Message } from './message.ts';
import type { Payload } from './payload.ts';
import { webhook } from './webhook.ts';

/** The message as a CloudEvent: all in the body, or its attributes as headers. */
export function cloudevent(message: Message, mode: Receiver['mode']): Payload {
  const attributes = attributesOf(message);
  const data = webhook(message);
  if (mode === 'structured')
    return {
      body: JSON.stringify({ ...attributes, datacontenttype: 'application/json', data }),
      headers: { 'content-type': 'application/cloudevents+json; charset=UTF-8' },
    };
  const headers = Object.entries(attributes).map(([name, value]) => [`ce-${name}`, asHeader(value)]);
  return { body: JSON.stringify(data), headers: Object.fromEntries(headers) as Record<string, string> };
}

function attributesOf({ id, kind, at, namespace, name, cluster }: Message): Readonly<Record<string, string>> {
  const where = cluster === undefined ? '' : `/clusters/${encodeURIComponent(cluster)}`;
  return {
    ...{ specversion: '1.0', id, type: `dev.serin.rollout.${kind}` },
    source: `${where}/apis/apps/v1/namespaces/${namespace}/deployments/${name}`,
    subject: name,
    time: new Date(at).toISOString(),
  };
}

/** Section 3.1.3.2: what is not printable ASCII, a space, a quote or a percent sign is percent-encoded as UTF-8. */
function asHeader(value: string): string {
  return value.replaceAll(/[^\x21\x23\x24\x26-\x7e]/gu, encodeURIComponent);
}
