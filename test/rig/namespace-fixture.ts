// A script in a rig's namespace, for namespace.test.ts: says what it has, and stays.
import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { enterNamespace } from './namespace.ts';

const [mark = '', exitCode] = process.argv.slice(2);
const { stateDir, prepared, expose } = await enterNamespace(async () => ({ preparedBy: process.pid }));
if (exitCode !== undefined) process.exit(Number(exitCode));

const state = join(stateDir, 'state');
writeFileSync(state, '');
spawn('sleep', [mark], { detached: true, stdio: 'ignore' }).unref();
createServer((request, response) => response.end(`asked for ${request.url}`)).listen(8080, '10.244.7.7');
createServer((_request, response) => {
  fetch('http://10.244.7.7:8080/pod')
    .then((answer) => answer.text())
    .then(
      (text) => response.end(text),
      (error: unknown) => response.end(String(error)),
    );
}).listen(9000, '127.0.0.1');
console.log(JSON.stringify({ state, port: await expose(9000), pid: process.pid, ...prepared }));
