import { runDashboard } from '../dashboard/dashboard.ts';
import { browse } from './browse.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Serves the page, and opens it, until the user has had enough. */
export async function dashboard(io: Io, args: Args): Promise<ExitCode> {
  const port = Number(args.text('port') ?? '0');
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    io.err(`--port: ${args.text('port')} given, 0 to 65535 wanted\n`);
    return exit.usage;
  }
  const cluster = await io.cluster(args);
  const allowActions = args.isSet('allow-actions');
  const isOpened = io.terminal.isTty && !args.isSet('no-open');
  const { random, signal } = io;
  const home = args.text('serin-namespace') ?? 'serin-system';
  await runDashboard({ ...cluster, random, signal, port, allowActions, home }, (url) => {
    io.out(`${url}\n`);
    io.err(
      `Shows ${cluster.context}${allowActions ? '' : ', read-only'}, to who has this address, until Ctrl-C.\n`,
    );
    if (isOpened) browse(url, io.env);
  });
  return exit.done;
}
