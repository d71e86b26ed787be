// https://discord.com/developers/docs/resources/message#embed-object-embed-limits
import type { JsonObject } from '../rollout/types.ts';
import { asMarkdown, fit } from './fit.ts';
import { factsIn, headOf, type Message } from './message.ts';

const colours = { info: 0x2eb67d, warn: 0xecb22e, error: 0xe01e5a } as const;

/** The message as one embed; together its texts stay below the 6000 letters that a message may have. */
export function discord(message: Message): JsonObject {
  const { severity, title, text, commands, link, at } = message;
  const fields = factsIn(message).map(({ name, value, wide }) => ({
    name: fit(name, 60, asMarkdown),
    value: fit(value, wide === true ? 1000 : 250, asMarkdown),
    inline: wide !== true,
  }));
  const typed = {
    name: 'Commands',
    value: `\`\`\`\n${commands.map((command) => fit(command, 300)).join('\n')}\n\`\`\``,
    inline: false,
  };
  return {
    embeds: [
      {
        title: fit(`${headOf(message)}: ${title}`, 256, asMarkdown),
        ...(text === title ? {} : { description: fit(text, 1200, asMarkdown) }),
        ...(link === undefined ? {} : { url: link }),
        color: colours[severity],
        fields: [...fields, ...(commands.length === 0 ? [] : [typed])],
        timestamp: new Date(at).toISOString(),
      },
    ],
    // Whoever is named in a text is not called.
    allowed_mentions: { parse: [] },
  };
}
