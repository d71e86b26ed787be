// Messages with blocks: https://docs.slack.dev/reference/block-kit/blocks (limits of each as in test/notify/schemas).
import type { JsonObject } from '../rollout/types.ts';
import { asEntities, fit } from './fit.ts';
import { type Fact, factsIn, headOf, type Message } from './message.ts';

const colours = { info: '#2eb67d', warn: '#ecb22e', error: '#e01e5a' } as const;
const factsOfBlock = 10;

/**
 * The message: a line that notifications show too, and below it what is known, with a bar of its colour. The first of a
 * thread stands for the whole rollout.
 */
export function slack(message: Message, isWhole = false): JsonObject {
  const { severity, title, text, commands, link } = message;
  const facts = factsIn(message, isWhole);
  const isTold = text === title;
  const narrow = facts.filter(({ wide }) => wide !== true);
  const wide = facts.filter((fact) => fact.wide === true);
  const blocks = [
    ...(isTold ? [] : [section(fit(text, 1500, asEntities))]),
    ...inBlocks(narrow),
    ...wide.map((fact) => section(shown(fact, 1500))),
    ...(commands.length === 0 ? [] : [section(typed(commands))]),
    ...(link === undefined ? [] : [section(`<${linkIn(link)}|Open>`)]),
  ];
  return {
    text: `*${escaped(headOf(message))}* ${escaped(title)}`,
    // Nothing that anybody wrote calls a channel or is looked up.
    ...{ parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false },
    attachments: [{ color: colours[severity], fallback: fit(title, 300, asEntities), blocks }],
  };
}

function escaped(text: string): string {
  return fit(text, 300, asEntities);
}

function typed(commands: readonly string[]): string {
  return `\`\`\`${commands.map((command) => fit(command, 300, asEntities)).join('\n')}\`\`\``;
}

function section(text: string): JsonObject {
  return { type: 'section', text: mrkdwn(text) };
}

/** `verbatim`: no name and no address in it becomes a link. */
function mrkdwn(text: string): JsonObject {
  return { type: 'mrkdwn', text, verbatim: true };
}

function inBlocks(facts: readonly Fact[]): readonly JsonObject[] {
  const blocks = Array.from({ length: Math.ceil(facts.length / factsOfBlock) }, (_, index) =>
    facts.slice(index * factsOfBlock, (index + 1) * factsOfBlock),
  );
  return blocks.map((each) => ({ type: 'section', fields: each.map((fact) => mrkdwn(shown(fact, 400))) }));
}

function shown({ name, value }: Fact, most: number): string {
  return `*${name}*\n${fit(value, most, asEntities)}`;
}

function linkIn(link: string): string {
  return link.replaceAll('&', '&amp;').replaceAll(/[<>|]/g, encodeURIComponent);
}
