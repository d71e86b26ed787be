import { join } from 'node:path';
import { type Running, start, until } from './processes.ts';

const address = '127.0.0.1:9090';

export interface Series {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Prometheus {
  readonly url: string;
  /** The instant vector of a query; throws where Prometheus refuses it. */
  query(promql: string): Promise<Series[]>;
  readonly running: Running;
}

/** Where it keeps what it knows. */
export function prometheusFolder(stateDir: string): string {
  return join(stateDir, 'prometheus');
}

/** Starts Prometheus, which scrapes the gateway every second; ready when it answers queries. */
export async function startPrometheus(options: {
  readonly stateDir: string;
  readonly program: string;
}): Promise<Prometheus> {
  const running = start({
    name: 'prometheus',
    file: options.program,
    args: [
      `--config.file=${join(import.meta.dirname, 'mesh-config/prometheus.yaml')}`,
      `--storage.tsdb.path=${prometheusFolder(options.stateDir)}`,
      `--web.listen-address=${address}`,
      // Otherwise the first scrape is 5 s away.
      '--scrape.discovery-reload-interval=100ms',
    ],
    logFile: join(options.stateDir, 'logs/prometheus.log'),
  });
  const url = `http://${address}`;
  await until('prometheus', async () => (await fetch(`${url}/-/ready`)).ok, { needs: [running] });
  return { url, query: (promql) => query(url, promql), running };
}

interface Answer {
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value: readonly [number, string];
    }[];
  };
}

async function query(url: string, promql: string): Promise<Series[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const { data, error } = (await response.json()) as Answer;
  if (data === undefined) throw new Error(`Prometheus refuses ${promql}: ${error}`);
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}
