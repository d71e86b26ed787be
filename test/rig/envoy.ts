import { join } from 'node:path';
import { type Running, start, until } from './processes.ts';

const adminUrl = 'http://127.0.0.1:15000';

export interface Gateway {
  /** Where it listens for the port 80 of every Istio Gateway (from the first one on). */
  readonly url: string;
  readonly running: Running;
}

/** Starts the ingress gateway: an Envoy that istiod programs; ready when it runs on what istiod told it. */
export async function startGateway(options: {
  readonly stateDir: string;
  readonly program: string;
}): Promise<Gateway> {
  const running = start({
    name: 'envoy',
    file: options.program,
    args: [
      ...['-c', join(import.meta.dirname, 'mesh-config/gateway.yaml')],
      ...['--concurrency', '1', '--disable-hot-restart', '--log-level', 'warning'],
    ],
    logFile: join(options.stateDir, 'logs/envoy.log'),
  });
  await until('the gateway', async () => (await fetch(`${adminUrl}/ready`)).ok, { needs: [running] });
  return { url: 'http://127.0.0.1', running };
}
