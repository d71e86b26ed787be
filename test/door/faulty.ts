// Serin's webhook server, with a fault for each name of a Deployment.
import type { AddressInfo } from 'node:net';
import { invalid } from '../../src/admission/review.ts';
import { createWebhookServer } from '../../src/admission/server.ts';
import { deny, untouched, type Verdict } from '../../src/admission/verdict.ts';
import { textAt } from '../../src/routing/json.ts';
import { issueAuthority, issueLeaf, systemEntropy } from '../../src/tls/issue.ts';
import { silent } from '../admission/silent.ts';

export interface Faulty {
  readonly url: string;
  readonly caBundle: string;
  /** Of an authority that has nothing to do with it. */
  readonly otherBundle: string;
  /** How often it was called for a Deployment of that name. */
  called(name: string): number;
  close(): Promise<void>;
}

/** Listens on loopback until closed. */
export async function createFaulty(): Promise<Faulty> {
  const now = Date.now();
  const authority = await issueAuthority(now, systemEntropy);
  const pair = await issueLeaf(authority, ['127.0.0.1'], now, systemEntropy);
  const other = await issueAuthority(now, systemEntropy);
  const calls: string[] = [];
  const { app } = createWebhookServer({
    ...{ ...pair, log: silent, ready: () => true, onReview: () => {}, metrics: async () => '' },
    decide: ({ object }) => verdictFor(textAt(object['metadata'], 'name')),
    validate: () => new Promise<Verdict>(() => {}),
  });
  app.post('/dies', (request) => {
    request.raw.socket.destroy();
    return new Promise(() => {});
  });
  app.addHook('preHandler', (request, _reply, done) => {
    calls.push(/"name":"([a-z]+)"/.exec(JSON.stringify(request.body))?.[1] ?? '');
    done();
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  return {
    url: `https://127.0.0.1:${port}`,
    caBundle: Buffer.from(authority.cert).toString('base64'),
    otherBundle: Buffer.from(other.cert).toString('base64'),
    called: (name) => calls.filter((each) => each === name).length,
    close: async () => {
      app.server.closeAllConnections();
      await app.close();
    },
  };
}

function verdictFor(name: string | undefined): Verdict {
  if (name === 'mistake') return deny(422, 'mend it');
  if (name === 'bug') throw new TypeError('a bug');
  if (name === 'unreadable') throw invalid('it is damaged');
  return untouched;
}
