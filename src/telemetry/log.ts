import { type DestinationStream, type Logger, pino } from 'pino';

/** What a line may be about and still must not show: credentials, and whatever a Secret or ConfigMap holds. */
const secretKeys = ['authorization', 'Authorization', 'token', 'data', 'stringData', 'tls.key'];
/** As deep as anything we log goes: `{ review: { object: { data } } }`. */
const depths = ['', '*.', '*.*.', '*.*.*.'];

/** A logger of JSON lines from `level` up, to standard output where no other destination is given. */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    // Which process and machine it is, the collector knows better.
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: errorForLog },
    redact: {
      paths: depths.flatMap((depth) => secretKeys.map((key) => pathOf(depth, key))),
      censor: '[hidden]',
    },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

/** Of an error, what is known to be no secret: other libraries hang requests on theirs, headers included. */
function errorForLog(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { name, message, stack, cause } = error;
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  return {
    type: name,
    ...code,
    message,
    stack,
    ...(cause === undefined ? {} : { cause: errorForLog(cause) }),
  };
}

function pathOf(depth: string, key: string): string {
  return key.includes('.') ? `${depth.slice(0, -1)}["${key}"]` : depth + key;
}
