import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
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
  /** Goes on with these beside what it does anyway: further jobs, and files of rules. */
  configure(more: MoreConfig): Promise<void>;
  readonly running: Running;
}

/** As its configuration file calls them. */
export interface MoreConfig {
  readonly scrape_configs: readonly object[];
  readonly rule_files: readonly string[];
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
  const configFile = join(options.stateDir, 'prometheus.json');
  configureBy(configFile, { scrape_configs: [], rule_files: [] });
  const running = start({
    name: 'prometheus',
    file: options.program,
    args: [
      `--config.file=${configFile}`,
      '--web.enable-lifecycle',
      `--storage.tsdb.path=${prometheusFolder(options.stateDir)}`,
      `--web.listen-address=${address}`,
      // Otherwise the first scrape is 5 s away.
      '--scrape.discovery-reload-interval=100ms',
    ],
    logFile: join(options.stateDir, 'logs/prometheus.log'),
  });
  const url = `http://${address}`;
  await until('prometheus', async () => (await fetch(`${url}/-/ready`)).ok, { needs: [running] });
  const configure = async (more: MoreConfig): Promise<void> => {
    configureBy(configFile, more);
    const answer = await fetch(`${url}/-/reload`, { method: 'POST' });
    if (!answer.ok) throw new Error(`Prometheus does not take its configuration: ${await answer.text()}`);
  };
  return { url, query: (promql) => query(url, promql), configure, running };
}

/** JSON is YAML. */
function configureBy(file: string, { scrape_configs: jobs, rule_files: rules }: MoreConfig): void {
  const text = readFileSync(join(import.meta.dirname, 'mesh-config/prometheus.yaml'), 'utf8');
  const config = parse(text) as Pick<MoreConfig, 'scrape_configs'>;
  const whole = { ...config, scrape_configs: [...config.scrape_configs, ...jobs], rule_files: rules };
  writeFileSync(file, JSON.stringify(whole));
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
