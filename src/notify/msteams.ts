// An Adaptive Card for the trigger "When a Teams webhook request is received" of Workflows:
// https://learn.microsoft.com/en-us/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
import type { JsonObject } from '../rollout/types.ts';
import { fit } from './fit.ts';
import { type Fact, factsIn, headOf, type Message } from './message.ts';

const styles = { info: 'good', warn: 'warning', error: 'attention' } as const;

/** The message as a card. Its texts are runs, which unlike text blocks read no Markdown. */
export function msteams(message: Message): JsonObject {
  const { severity, title, text, commands, link } = message;
  const head = {
    ...{ type: 'Container', style: styles[severity], bleed: true },
    items: [
      line({ text: fit(headOf(message), 300), weight: 'Bolder' }),
      line({ text: fit(title, 300), weight: 'Bolder', size: 'Medium' }),
    ],
  };
  const body = [
    head,
    ...(text === title ? [] : [line({ text: fit(text, 1500) })]),
    ...factsIn(message).map(factLine),
    ...commands.map((command) => line({ text: fit(command, 600), fontType: 'Monospace' })),
  ];
  const content = {
    ...{
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.4',
    },
    fallbackText: fit(`${headOf(message)}: ${title}`, 300),
    ...{ msteams: { width: 'Full' }, body },
    ...(link === undefined ? {} : { actions: [{ type: 'Action.OpenUrl', title: 'Open', url: link }] }),
  };
  const contentType = 'application/vnd.microsoft.card.adaptive';
  return { type: 'message', attachments: [{ contentType, contentUrl: null, content }] };
}

function line(...runs: readonly JsonObject[]): JsonObject {
  return { type: 'RichTextBlock', inlines: runs.map((run) => ({ type: 'TextRun', ...run })) };
}

function factLine({ name, value, wide }: Fact): JsonObject {
  const most = wide === true ? 1500 : 400;
  return line({ text: `${name}: `, weight: 'Bolder' }, { text: fit(value, most) });
}
