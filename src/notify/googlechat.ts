// https://developers.google.com/workspace/chat/api/reference/rest/v1/spaces.messages
import type { JsonObject } from '../rollout/types.ts';
import { asEntities, fit } from './fit.ts';
import { factsIn, headOf, type Message } from './message.ts';

/** The message as a card in the thread of its rollout. */
export function googleChat(message: Message, thread: string): JsonObject {
  const { id, title, text, commands, link } = message;
  const widgets = [
    ...(text === title ? [] : [paragraph(fit(text, 1500, asEntities))]),
    ...factsIn(message).map(({ name, value, wide }) => ({
      decoratedText: {
        topLabel: name,
        text: fit(value, wide === true ? 1500 : 400, asEntities),
        wrapText: true,
      },
    })),
    ...commands.map((command) => paragraph(fit(command, 600, asEntities))),
    ...(link === undefined ? [] : [button(link)]),
  ];
  const header = { title: fit(headOf(message), 300), subtitle: fit(title, 300) };
  return {
    text: spoken(`${headOf(message)}: ${title}`),
    cardsV2: [{ cardId: id, card: { header, sections: [{ widgets }] } }],
    thread: { threadKey: thread },
  };
}

/** The line that notifications show. It takes no escapes, so what would be more than text is left out. */
function spoken(text: string): string {
  return fit(text.replaceAll(/[<>*_~`]+/g, ' '), 300);
}

function paragraph(text: string): JsonObject {
  return { textParagraph: { text } };
}

function button(url: string): JsonObject {
  return { buttonList: { buttons: [{ text: 'Open', onClick: { openLink: { url } } }] } };
}
