// Each message as each service gets it: against the limits the service documents, and as it was right once.
import { deepEqual, ok } from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { type Receiver, receiverTypes } from '../../src/config/messages.ts';
import { analysisOf, compose, supersededBy } from '../../src/notify/compose.ts';
import { saidOf, superseded } from '../../src/notify/kind.ts';
import { kinds, type Message } from '../../src/notify/message.ts';
import { type Payload, payloadOf } from '../../src/notify/payload.ts';
import { slack } from '../../src/notify/slack.ts';
import { golden, noStaleGolden } from '../golden.ts';
import { everyKind, settings } from './news.ts';

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false });

function schema(name: string): (body: unknown) => readonly string[] {
  const text = readFileSync(join(import.meta.dirname, `schemas/${name}.json`), 'utf8');
  const validate = ajv.compile(JSON.parse(text) as object);
  return (body) => (validate(body) ? [] : ajv.errorsText(validate.errors).split(', '));
}

const schemas = Object.fromEntries(receiverTypes.map((type) => [type, schema(type)]));

function aReceiver(type: Receiver['type'], mode: Receiver['mode'] = 'structured'): Receiver {
  return { name: 'releases', type, severity: 'info', secretName: 's', onlyNamed: false, mode };
}

const messages: readonly Message[] = everyKind.flatMap((news) => {
  const said = saidOf(news.telling, news.state, analysisOf(news));
  return said === undefined ? [] : [compose(news, said, settings)];
});
const [first] = messages;
if (first === undefined) throw new Error('nothing is said');
const newer = { ...first, revision: '77aa', actor: 'bob@example.com' };
const old = { uid: 'u1', revision: first.revision, openedAt: 1 };
const all = [...messages, supersededBy(newer, superseded, old)];

test('there is a message of each kind', () => {
  deepEqual(all.map(({ kind }) => kind).toSorted(), [...kinds].toSorted());
});

/** What is wrong with a payload, by the service's own limits. */
function wrongWith(type: Receiver['type'], { body }: Payload): readonly string[] {
  const json = JSON.parse(body) as unknown;
  const bytes = Buffer.byteLength(body);
  const most = { msteams: 28 * 1024, googlechat: 32_000, slack: 100_000, discord: 100_000 };
  const limit = type in most ? most[type as keyof typeof most] : Number.POSITIVE_INFINITY;
  return [
    ...(schemas[type]?.(json) ?? ['no schema']),
    ...(bytes > limit ? [`${bytes} bytes`] : []),
    ...(type === 'discord' && lettersIn(json) > 6000 ? [`${lettersIn(json)} letters in the embed`] : []),
  ];
}

/** Of title, description, names and values: what Discord counts together. */
function lettersIn(json: unknown): number {
  const { embeds } = json as { embeds: Record<string, unknown>[] };
  return embeds.reduce((sum, { title, description = '', fields }) => {
    const texts = (fields as { name: string; value: string }[]).flatMap(({ name, value }) => [name, value]);
    return sum + [title, description, ...texts].join('').length;
  }, 0);
}

function shownAsGolden(payloads: readonly (readonly [Message, Payload])[]): string {
  const shown = payloads.map(([{ kind }, { body, headers, query }]) => {
    return [
      kind,
      { ...(query && { query }), ...(headers && { headers }), body: JSON.parse(body) as unknown },
    ];
  });
  return `${JSON.stringify(Object.fromEntries(shown), null, 2)}\n`;
}

for (const type of receiverTypes)
  test(`${type} gets each message in its own way, within its limits`, () => {
    const payloads = all.map((message) => [message, payloadOf(aReceiver(type), message, 'thread')] as const);
    deepEqual(
      payloads.flatMap(([, payload]) => wrongWith(type, payload)),
      [],
    );
    golden(`notify/${type}.json`, shownAsGolden(payloads));
  });

test('the first message of a Slack thread stands for the whole rollout', () => {
  const payloads = all.map((message) => [message, { body: JSON.stringify(slack(message, true)) }] as const);
  deepEqual(
    payloads.flatMap(([, payload]) => wrongWith('slack', payload)),
    [],
  );
  golden('notify/slack-thread.json', shownAsGolden(payloads));
});

test('a CloudEvent in binary mode has its attributes as headers, and the data alone in its body', () => {
  const payloads = all.map(
    (message) => [message, payloadOf(aReceiver('cloudevents', 'binary'), message, 'thread')] as const,
  );
  deepEqual(
    payloads.flatMap(([, payload]) => wrongWith('webhook', payload)),
    [],
  );
  golden('notify/cloudevents-binary.json', shownAsGolden(payloads));
  const [, { headers = {} }] = [
    0,
    payloadOf(aReceiver('cloudevents', 'binary'), { ...first, name: 'wéb "%' }, ''),
  ];
  deepEqual(headers['ce-subject'], 'w%C3%A9b%20%22%25');
});

const nasty = fc.constantFrom(
  ...[
    '<!channel>',
    '<@U123>',
    '@everyone',
    '<users/all>',
    '*b* _i_ ~s~ `c` ```block```',
    '[x](http://evil/)',
  ],
  ...[
    '"quoted" \\ back',
    '&amp;&lt;',
    '</b><a href="x">',
    '\u202Eesrever',
    '\u0000\u0007',
    '👩‍👩‍👧',
    '行'.repeat(5000),
  ],
  ...[
    'x'.repeat(5000),
    '<'.repeat(5000),
    '&'.repeat(299),
    `${'a'.repeat(298)}<`,
    ' ',
    '-',
    '# h',
    '> q',
    '||s||',
  ],
);
const anyText = fc.oneof(
  nasty,
  fc.string({ unit: 'binary', maxLength: 400 }),
  fc.array(nasty).map((texts) => texts.join(' ')),
);

test('any text is shown and does nothing: escaped, cut to the limits, and never empty where a text is wanted', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...all),
      fc.array(anyText, { minLength: 6, maxLength: 6 }),
      (message, texts) => {
        const [title = '', text = '', actor = '', value = '', sentence = '', image = ''] = texts;
        const changed: Message = {
          ...{
            ...message,
            title,
            text,
            actor,
            evidence: [sentence],
            images: [{ container: image, from: image }],
          },
          facts: message.facts.map((fact) => ({ ...fact, value })),
        };
        for (const type of receiverTypes) {
          const payload = payloadOf(aReceiver(type), changed, 'thread');
          deepEqual(wrongWith(type, payload), [], `${type}: ${payload.body.slice(0, 2000)}`);
          if (type !== 'webhook' && type !== 'cloudevents') ok(!payload.body.includes('\u202E'));
        }
        deepEqual(wrongWith('slack', { body: JSON.stringify(slack(changed, true)) }), []);
      },
    ),
    { numRuns: 200 },
  );
});

test('Discord is shown no Markdown that anybody wrote, and calls nobody', () => {
  const said = { ...first, text: '@everyone **now** <@1> [x](http://evil/)' };
  const { embeds } = JSON.parse(payloadOf(aReceiver('discord'), said, '').body) as {
    embeds: { description: string }[];
  };
  deepEqual(
    embeds[0]?.description,
    '\\@everyone \\*\\*now\\*\\* \\<\\@1\\> \\[x\\]\\(http\\:\\/\\/evil\\/\\)'.replaceAll('\\/', '/'),
  );
});

test('no golden file of messages is left over', () => noStaleGolden('notify'));
