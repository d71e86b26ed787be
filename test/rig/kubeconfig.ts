import type { Credentials } from './api.ts';

/** A kubeconfig for the API server at 127.0.0.1:`port`; JSON, which is YAML. */
export function kubeconfig(port: number, { caPem, certPem, keyPem, token }: Credentials): string {
  const encode = (pem: string): string => Buffer.from(pem).toString('base64');
  const cluster = { server: `https://127.0.0.1:${port}`, 'certificate-authority-data': encode(caPem) };
  const user = {
    ...(token === undefined ? {} : { token }),
    ...(certPem === undefined ? {} : { 'client-certificate-data': encode(certPem) }),
    ...(keyPem === undefined ? {} : { 'client-key-data': encode(keyPem) }),
  };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'rig',
    clusters: [{ name: 'rig', cluster }],
    users: [{ name: 'rig', user }],
    contexts: [{ name: 'rig', context: { cluster: 'rig', user: 'rig' } }],
  };
  return JSON.stringify(config, undefined, 2);
}
