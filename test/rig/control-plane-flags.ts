// How the control plane's programs are told who they are and what to do.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Credentials } from './api.ts';
import { createAuthority, createSigningKey, type KeyPair } from './authority.ts';

/** The address of the API server as pods know it: a Service cannot have a loopback address behind it. */
const podAddress = '10.244.255.254';
const serviceRange = '10.96.0.0/16';
const serviceAddress = '10.96.0.1';

export const apiServerPort = 6443;
export const controllerManagerPort = 10_257;
const etcdPort = 2379;

export interface Identity {
  readonly admin: Credentials;
  readonly kubelet: Credentials;
  readonly controllerManager: Credentials;
  /** The folder with the files that the flags below name. */
  readonly folder: string;
}

/** Makes every key and certificate of a control plane and writes those that its programs read. */
export function createIdentity(folder: string): Identity {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const write = (name: string, pem: string): void => writeFileSync(join(folder, name), pem, { mode: 0o600 });
  const writePair = (name: string, pair: KeyPair): void => {
    write(`${name}.crt`, pair.certPem);
    write(`${name}.key`, pair.keyPem);
  };
  const ca = createAuthority('rig');
  const frontProxy = createAuthority('rig-front-proxy');
  const tokens = createSigningKey();
  write('ca.crt', ca.certPem);
  write('front-proxy-ca.crt', frontProxy.certPem);
  write('tokens.key', tokens.privatePem);
  write('tokens.pub', tokens.publicPem);
  const hosts = [
    '127.0.0.1',
    serviceAddress,
    podAddress,
    'localhost',
    'kubernetes.default',
    'kubernetes.default.svc',
  ];
  writePair('api-server', ca.issue({ commonName: 'kube-apiserver', hosts }));
  writePair('controller-manager', ca.issue({ commonName: 'kube-controller-manager', hosts: ['127.0.0.1'] }));
  writePair('front-proxy', frontProxy.issue({ commonName: 'front-proxy' }));
  const client = (commonName: string, organization: string): Credentials => ({
    caPem: ca.certPem,
    ...ca.issue({ commonName, organization }),
  });
  return {
    folder,
    admin: client('admin', 'system:masters'),
    kubelet: client('rig-kubelet', 'system:masters'),
    controllerManager: client('system:kube-controller-manager', 'system:authenticated'),
  };
}

export function etcdFlags(dataDir: string): string[] {
  const url = `http://127.0.0.1:${etcdPort}`;
  return [
    `--data-dir=${dataDir}`,
    `--listen-client-urls=${url}`,
    `--advertise-client-urls=${url}`,
    '--listen-peer-urls=http://127.0.0.1:2380',
    // What it holds goes with the rig, so it need not survive a power cut.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerFlags(pki: string): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=0.0.0.0',
    `--secure-port=${apiServerPort}`,
    `--advertise-address=${podAddress}`,
    `--service-cluster-ip-range=${serviceRange}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    `--client-ca-file=${pki}/ca.crt`,
    `--tls-cert-file=${pki}/api-server.crt`,
    `--tls-private-key-file=${pki}/api-server.key`,
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${pki}/tokens.pub`,
    `--service-account-signing-key-file=${pki}/tokens.key`,
    // Webhooks and aggregated APIs that name a Service are called at a pod's address: there is no kube-proxy.
    '--enable-aggregator-routing=true',
    `--requestheader-client-ca-file=${pki}/front-proxy-ca.crt`,
    '--requestheader-allowed-names=front-proxy',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${pki}/front-proxy.crt`,
    `--proxy-client-key-file=${pki}/front-proxy.key`,
  ];
}

export function controllerManagerFlags(pki: string, kubeconfigPath: string): string[] {
  return [
    `--kubeconfig=${kubeconfigPath}`,
    '--leader-elect=false',
    '--bind-address=127.0.0.1',
    `--secure-port=${controllerManagerPort}`,
    `--tls-cert-file=${pki}/controller-manager.crt`,
    `--tls-private-key-file=${pki}/controller-manager.key`,
    `--service-account-private-key-file=${pki}/tokens.key`,
    `--root-ca-file=${pki}/ca.crt`,
    '--use-service-account-credentials=true',
    // The rig's node sends no heartbeats.
    '--controllers=*,-node-lifecycle-controller',
    '--kube-api-qps=200',
    '--kube-api-burst=400',
    // A scaler that answers within seconds instead of minutes.
    '--horizontal-pod-autoscaler-sync-period=2s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=1s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=1s',
  ];
}
