import { parseArgs } from 'node:util';
import { parseDuration } from './duration.ts';
import { objectName } from './provider.ts';

/** Where a process runs: from the downward API in a cluster. */
export interface Place {
  /** The namespace Serin is installed in. */
  readonly namespace: string;
  /** What tells this replica from the others. */
  readonly identity: string;
  readonly logLevel: string;
}

export type Command =
  | (Place & {
      readonly kind: 'webhook';
      readonly port: number;
      /** True where somebody else issues the serving certificate. */
      readonly isExternal?: true;
    })
  | (Place & {
      readonly kind: 'controller';
      readonly port: number;
      readonly prometheusUrl: string;
      /** The Secret, in Serin's own namespace, with what Prometheus asks to see. */
      readonly prometheusSecret?: string;
      readonly settleMs: number;
      /** How the pods' proxies are asked while a canary is on trial; absent where they are not. */
      readonly scrape?: { readonly everyMs: number; readonly port: number };
      /** Where traces of rollouts are sent; absent where nobody wants them. */
      readonly tracesUrl?: string;
    })
  | (Place & { readonly kind: 'chatops'; readonly port: number; readonly settings: string })
  | (Place & { readonly kind: 'certs'; readonly out: string | undefined })
  | (Place & { readonly kind: 'uninstall'; readonly timeoutMs: number })
  | { readonly kind: 'help' }
  | { readonly kind: 'mistakes'; readonly mistakes: readonly string[] };

const levels = ['trace', 'debug', 'info', 'warn', 'error', 'fatal'];
const known = {
  port: { type: 'string' },
  issuer: { type: 'string' },
  'prometheus-url': { type: 'string' },
  'prometheus-secret': { type: 'string' },
  settle: { type: 'string' },
  scrape: { type: 'string' },
  'scrape-port': { type: 'string' },
  'otlp-url': { type: 'string' },
  settings: { type: 'string' },
  out: { type: 'string' },
  timeout: { type: 'string' },
  'log-level': { type: 'string' },
  help: { type: 'boolean', short: 'h' },
} as const;
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  webhook: ['port', 'issuer'],
  controller: ['port', 'prometheus-url', 'prometheus-secret', 'settle', 'scrape', 'scrape-port', 'otlp-url'],
  chatops: ['port', 'settings'],
  certs: ['out'],
  uninstall: ['timeout'],
};

type Env = Readonly<Record<string, string | undefined>>;

/** Reads the command line; every mistake at once, each with what would be right. Nothing is read from the environment but `env`. */
export function parseCommand(argv: readonly string[], env: Env): Command {
  const mistakes: string[] = [];
  const { values, positionals, tokens } = parseArgs({
    args: [...argv],
    options: known,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values['help'] === true) return { kind: 'help' };
  const [name = '', ...more] = positionals;
  const allowed = flagsOf[name];
  if (allowed === undefined)
    mistakes.push(
      `command: ${name === '' ? 'none' : name} given, one of ${Object.keys(flagsOf).join(', ')} wanted`,
    );
  for (const each of more) mistakes.push(`${each}: not expected, a command takes only flags`);
  for (const token of tokens) {
    if (token.kind !== 'option' || token.name === 'log-level') continue;
    if (allowed !== undefined && !allowed.includes(token.name))
      mistakes.push(`${token.rawName}: ${name} has no such flag`);
    else if (token.value === undefined) mistakes.push(`${token.rawName}: needs a value`);
  }
  const text = (flag: keyof typeof known): string | undefined => {
    const value = values[flag];
    return typeof value === 'string' ? value : undefined;
  };
  const place = placeOf(text('log-level'), env, mistakes);
  const command = commandOf(name, place, text, { env, mistakes });
  return command === undefined || mistakes.length > 0 ? { kind: 'mistakes', mistakes } : command;
}

function placeOf(level: string | undefined, env: Env, mistakes: string[]): Place {
  const logLevel = level ?? 'info';
  if (!levels.includes(logLevel))
    mistakes.push(`--log-level: ${logLevel} given, one of ${levels.join(', ')} wanted`);
  return {
    namespace: env['POD_NAMESPACE'] ?? 'serin-system',
    identity: env['POD_NAME'] ?? env['HOSTNAME'] ?? 'serin',
    logLevel,
  };
}

function commandOf(
  name: string,
  place: Place,
  text: (flag: keyof typeof known) => string | undefined,
  { env, mistakes }: { readonly env: Env; readonly mistakes: string[] },
): Command | undefined {
  switch (name) {
    case 'webhook':
      return {
        kind: 'webhook',
        ...place,
        port: portOf('port', text('port') ?? '8443', mistakes),
        ...issuerOf(text('issuer') ?? 'serin', mistakes),
      };
    case 'controller':
      return {
        kind: 'controller',
        ...place,
        port: portOf('port', text('port') ?? '8080', mistakes),
        prometheusUrl: urlOf(text('prometheus-url'), mistakes),
        ...secretOf(text('prometheus-secret'), mistakes),
        settleMs: settleOf(text('settle') ?? '5s', mistakes),
        ...scrapeOf(text('scrape'), text('scrape-port'), mistakes),
        ...tracesOf(text('otlp-url'), env, mistakes),
      };
    case 'chatops':
      return {
        kind: 'chatops',
        ...place,
        port: portOf('port', text('port') ?? '8080', mistakes),
        settings: fileOf(text('settings'), mistakes),
      };
    case 'certs':
      return { kind: 'certs', ...place, out: text('out') };
    case 'uninstall':
      return { kind: 'uninstall', ...place, timeoutMs: timeoutOf(text('timeout') ?? '5m', mistakes) };
    default:
      return undefined;
  }
}

function portOf(flag: string, text: string, mistakes: string[]): number {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    mistakes.push(`--${flag}: ${text} given, 1 to 65535 wanted`);
  return port;
}

function issuerOf(text: string, mistakes: string[]): { readonly isExternal?: true } {
  if (text !== 'serin' && text !== 'external')
    mistakes.push(`--issuer: ${text} given, serin or external wanted`);
  return text === 'external' ? { isExternal: true } : {};
}

function fileOf(text: string | undefined, mistakes: string[]): string {
  if (text === undefined) mistakes.push('--settings: missing, such as /etc/serin/chatops.yaml');
  return text ?? '';
}

function urlOf(text: string | undefined, mistakes: string[]): string {
  if (text === undefined)
    mistakes.push('--prometheus-url: missing, such as http://prometheus.istio-system:9090');
  else if (!/^https?:\/\/./.test(text) || !URL.canParse(text))
    mistakes.push('--prometheus-url: is no http or https URL');
  return text ?? '';
}

function secretOf(text: string | undefined, mistakes: string[]): { readonly prometheusSecret?: string } {
  if (text === undefined) return {};
  if (!objectName.test(text))
    mistakes.push(`--prometheus-secret: ${text} given, the name of a Secret wanted`);
  return { prometheusSecret: text };
}

function timeoutOf(text: string, mistakes: string[]): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1_000) mistakes.push(`--timeout: ${text} given, 1s or more wanted`);
  return ms ?? 0;
}

function settleOf(text: string, mistakes: string[]): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms < 1_000 || ms > 600_000)
    mistakes.push(`--settle: ${text} given, 1s to 10m wanted`);
  return ms ?? 0;
}

function scrapeOf(
  every: string | undefined,
  port: string | undefined,
  mistakes: string[],
): Pick<Extract<Command, { readonly kind: 'controller' }>, 'scrape'> {
  if (every === undefined && port !== undefined)
    mistakes.push('--scrape-port: means nothing without --scrape');
  if (every === undefined) return {};
  const ms = parseDuration(every);
  if (ms === undefined || ms < 1_000 || ms > 15_000)
    mistakes.push(`--scrape: ${every} given, 1s to 15s wanted`);
  return { scrape: { everyMs: ms ?? 0, port: portOf('scrape-port', port ?? '15090', mistakes) } };
}

/** As OpenTelemetry has it: the address of traces as it is, or below that of the collector. */
function tracesOf(flag: string | undefined, env: Env, mistakes: string[]): { readonly tracesUrl?: string } {
  const exact = flag === undefined ? env['OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'] : undefined;
  const base = flag ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const text = exact ?? (base === undefined ? undefined : `${base.replace(/\/+$/, '')}/v1/traces`);
  if (text === undefined || text === '/v1/traces') return {};
  const protocol = URL.parse(text)?.protocol;
  if (protocol !== 'http:' && protocol !== 'https:')
    mistakes.push(
      `${flag === undefined ? 'OTEL_EXPORTER_OTLP_ENDPOINT' : '--otlp-url'}: is no http or https URL`,
    );
  return { tracesUrl: text };
}
