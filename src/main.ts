import { messageOf } from './errors.ts';

// Each is loaded where it is asked for: neither waits for the libraries of the other.
async function main(): Promise<number> {
  const { parseCommand } = await import('./config/command.ts');
  const { serin } = await import('./processes/serin.ts');
  return serin(parseCommand(process.argv.slice(2), process.env), Math.random);
}

if (process.argv[2] === 'canary') await import('./kubectl-canary.ts');
else if (process.argv[2] === 'promote')
  await import('./promote/main.ts').then(({ main: promote }) => promote());
else
  process.exitCode = await main().catch((error: unknown) => {
    process.stderr.write(`serin: ${messageOf(error)}\n`);
    return 1;
  });
