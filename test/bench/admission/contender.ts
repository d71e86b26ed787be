// A server in a process of its own, as who measures it sees it.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { issueAuthority, issueLeaf, systemEntropy } from '../../../src/tls/issue.ts';
import type { Contender } from './servers.ts';

interface Started {
  readonly child: ChildProcess;
  readonly port: number;
  /** The certificate that vouches for it at 127.0.0.1. */
  readonly ca: string;
  readonly usage: () => Promise<Usage>;
}

interface Usage {
  readonly cpuSeconds: number;
  /** How many it has answered, where it is Serin's. */
  readonly reviews: number;
}

/** Starts it; it ends when `child` is disconnected. */
export async function startContender(name: Contender, folder: string): Promise<Started> {
  const now = Date.now();
  const authority = await issueAuthority(now, systemEntropy);
  const { key, cert } = await issueLeaf(authority, ['127.0.0.1'], now, systemEntropy);
  const child = fork(join(import.meta.dirname, 'server-process.ts'));
  const ask = async <T>(message: object): Promise<T> => {
    child.send(message);
    return ((await once(child, 'message')) as [T])[0];
  };
  const { port } = await ask<{ port: number }>({ start: { name, key, cert, folder } });
  return { child, port, ca: authority.cert, usage: () => ask<Usage>({}) };
}
