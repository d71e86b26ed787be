import { strict as assert } from 'node:assert';
import { describe, test } from 'node:test';
import { parseCommand } from '../../src/config/command.ts';

const env = { POD_NAMESPACE: 'serin-system', POD_NAME: 'serin-0' };
const place = { namespace: 'serin-system', identity: 'serin-0', logLevel: 'info' };

describe('the command line', () => {
  test('names a process and where it runs', () => {
    const url = 'http://prometheus.istio-system:9090';
    assert.deepEqual(parseCommand(['webhook'], env), { kind: 'webhook', ...place, port: 8443 });
    const external = { kind: 'webhook', ...place, port: 8443, isExternal: true };
    assert.deepEqual(parseCommand(['webhook', '--issuer=external'], env), external);
    assert.deepEqual(parseCommand(['webhook', '--issuer=vault'], env), {
      kind: 'mistakes',
      mistakes: ['--issuer: vault given, serin or external wanted'],
    });
    const flags = [`--prometheus-url=${url}`, '--prometheus-secret=serin-prometheus', '--settle', '2s'];
    assert.deepEqual(parseCommand(['controller', ...flags], env), {
      kind: 'controller',
      ...place,
      port: 8080,
      prometheusUrl: url,
      prometheusSecret: 'serin-prometheus',
      settleMs: 2_000,
    });
    const asking = parseCommand(['controller', `--prometheus-url=${url}`, '--scrape=2s'], env);
    assert.deepEqual(asking, {
      ...{ kind: 'controller', ...place, port: 8080, prometheusUrl: url, settleMs: 5_000 },
      scrape: { everyMs: 2_000, port: 15_090 },
    });
    for (const [flag, more, tracesUrl] of [
      ['--otlp-url=http://otel:4318/', {}, 'http://otel:4318/v1/traces'],
      ['--port=8080', { OTEL_EXPORTER_OTLP_ENDPOINT: 'https://otel' }, 'https://otel/v1/traces'],
      ['--port=8080', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://otel/t' }, 'http://otel/t'],
      ['--port=8080', { OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
    ] as const) {
      const traced = parseCommand(['controller', `--prometheus-url=${url}`, flag], { ...env, ...more });
      assert.deepEqual(traced, {
        ...{ kind: 'controller', ...place, port: 8080, prometheusUrl: url, settleMs: 5_000 },
        ...(tracesUrl === undefined ? {} : { tracesUrl }),
      });
    }
    assert.deepEqual(parseCommand(['certs', '--out', 'certs'], env), {
      kind: 'certs',
      ...place,
      out: 'certs',
    });
    assert.deepEqual(parseCommand(['uninstall', '--timeout=90s'], env), {
      kind: 'uninstall',
      ...place,
      timeoutMs: 90_000,
    });
    assert.deepEqual(parseCommand(['chatops', '--settings=/etc/chatops.yaml'], env), {
      ...{ kind: 'chatops', ...place, port: 8080, settings: '/etc/chatops.yaml' },
    });
    assert.deepEqual(parseCommand(['chatops'], env), {
      kind: 'mistakes',
      mistakes: ['--settings: missing, such as /etc/serin/chatops.yaml'],
    });
    assert.deepEqual(parseCommand(['--help'], env), { kind: 'help' });
  });

  test('reports every mistake at once, each with what would be right', () => {
    const wrong = [
      'controller',
      'now',
      '--port=http',
      '--settle=1h',
      '--scrape=1m',
      '--scrape-port=0',
      '--otlp-url=otel:4318',
      '--prometheus-secret=My_Secret',
      '--out=x',
      '--log-level=loud',
      '--colour',
    ];
    assert.deepEqual(parseCommand(wrong, env), {
      kind: 'mistakes',
      mistakes: [
        'now: not expected, a command takes only flags',
        '--out: controller has no such flag',
        '--colour: controller has no such flag',
        '--log-level: loud given, one of trace, debug, info, warn, error, fatal wanted',
        '--port: http given, 1 to 65535 wanted',
        '--prometheus-url: missing, such as http://prometheus.istio-system:9090',
        '--prometheus-secret: My_Secret given, the name of a Secret wanted',
        '--settle: 1h given, 1s to 10m wanted',
        '--scrape: 1m given, 1s to 15s wanted',
        '--scrape-port: 0 given, 1 to 65535 wanted',
        '--otlp-url: is no http or https URL',
      ],
    });
  });

  test('a port of proxies that are not asked is a mistake', () => {
    const answer = parseCommand(
      ['controller', '--prometheus-url=http://prometheus', '--scrape-port=15020'],
      env,
    );
    assert.deepEqual(answer, {
      kind: 'mistakes',
      mistakes: ['--scrape-port: means nothing without --scrape'],
    });
  });

  test('knows no other process', () => {
    const answer = parseCommand(['webhok'], env);
    assert.deepEqual(answer, {
      kind: 'mistakes',
      mistakes: ['command: webhok given, one of webhook, controller, chatops, certs, uninstall wanted'],
    });
  });
});
