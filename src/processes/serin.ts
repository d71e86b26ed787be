// Which of the processes the command line asks for.
import { type Random, systemClock } from '../clock.ts';
import type { Command } from '../config/command.ts';
import { usage } from '../config/usage.ts';
import { createTransport, loadKubeConfig } from '../kube/transport.ts';
import { runChatops } from './chatops.ts';
import { runController } from './controller.ts';
import { custodyOf, realParts, webhookNames } from './parts.ts';
import { runUninstall } from './uninstall.ts';
import { runWebhook } from './webhook.ts';
import { certsOnce } from '../tls/rotate.ts';
import { writeLocal } from '../tls/local.ts';
import { systemEntropy } from '../tls/issue.ts';

/** Runs one of Serin's processes, with the real clock and sockets; answers the exit code. */
export async function serin(command: Command, random: Random): Promise<number> {
  if (command.kind === 'help') {
    process.stdout.write(usage);
    return 0;
  }
  if (command.kind === 'mistakes') {
    process.stderr.write(`serin: ${command.mistakes.join('\nserin: ')}\nserin --help says more\n`);
    return 2;
  }
  if (command.kind === 'certs' && command.out !== undefined) {
    const names = [...webhookNames(command.namespace), 'localhost', '127.0.0.1'];
    process.stdout.write(`${await writeLocal(command.out, names, systemClock.now(), systemEntropy)}\n`);
    return 0;
  }
  const parts = realParts(command, random);
  if (command.kind === 'certs') {
    process.stdout.write(`${await certsOnce(custodyOf(parts, command))}\n`);
    return 0;
  }
  if (command.kind === 'uninstall')
    return runUninstall(parts, command, (line) => void process.stdout.write(`${line}\n`));
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  process.on('uncaughtException', (error) => {
    parts.log.fatal({ err: error }, 'ends: something unexpected was thrown');
    process.exit(1);
  });
  if (command.kind === 'webhook') await runWebhook(parts, command, stop.signal);
  else if (command.kind === 'chatops')
    await runChatops(parts, createTransport(loadKubeConfig()), command, stop.signal);
  else await runController(parts, command, stop.signal);
  return 0;
}
