import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { test } from 'node:test';

const preload = join(import.meta.dirname, 'pod-network.ts');
const cases = {
  'port alone': { listen: '0', address: '127.0.0.7' },
  'port and every IPv4 address': { listen: "0, '0.0.0.0'", address: '127.0.0.7' },
  'port and every address': { listen: "{ port: 0, host: '::' }", address: '127.0.0.7' },
  'port without host': { listen: '{ port: 0 }', address: '127.0.0.7' },
  'an address of its own': { listen: "{ port: 0, host: '127.0.0.1' }", address: '127.0.0.1' },
  'port and an address of its own': { listen: "0, '127.0.0.1'", address: '127.0.0.1' },
};
for (const [name, { listen, address }] of Object.entries(cases)) {
  test(`in a container, listening with ${name} listens at ${address}`, () => {
    const script = `
      const server = require('node:http').createServer();
      server.listen(${listen});
      server.on('listening', () => { console.log(server.address().address); process.exit(); });`;
    const { stdout } = spawnSync(process.execPath, [`--import=${preload}`, '-e', script], {
      env: { RIG_POD_IP: '127.0.0.7' },
      encoding: 'utf8',
    });
    equal(stdout, `${address}\n`);
  });
}
