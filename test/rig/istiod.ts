// Istio's control plane: the real istiod against the rig's API server, and its own validating webhook in front of every
// object of Istio's, so that an edit which a real mesh would refuse is refused here.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority } from './authority.ts';
import { ApiError } from './api.ts';
import type { ControlPlane } from './control-plane.ts';
import { type Running, start, until } from './processes.ts';

// gateway.yaml knows the port of xDS too. All of them below 32768: a client's own port never takes them.
const ports = { http: 28080, xds: 25010, monitoring: 25014, webhook: 25017, introspection: 29876 } as const;

const configs = join(import.meta.dirname, 'mesh-config');

export interface IstiodOptions {
  readonly stateDir: string;
  readonly controlPlane: ControlPlane;
  readonly program: string;
  /** A manifest with Istio's CRDs. */
  readonly crds: string;
}

/** Installs Istio and starts istiod; ready when it serves proxies and its webhook refuses what is wrong. */
export async function startIstiod({
  stateDir,
  controlPlane,
  program,
  crds,
}: IstiodOptions): Promise<Running> {
  await mustKubectl(controlPlane, ['apply', '--server-side', '-f', crds]);
  await until("Istio's CRDs", () => areServed(controlPlane));
  const { caPem, files } = writeServingCertificate(join(stateDir, 'istiod'));
  const istiod = start({
    name: 'istiod',
    file: program,
    args: ['discovery', ...flags(controlPlane.kubeconfigPath), ...files],
    env: environment,
    logFile: join(stateDir, 'logs/istiod.log'),
  });
  await until('istiod', async () => (await fetch(`http://127.0.0.1:${ports.http}/ready`)).ok, {
    needs: [istiod],
  });
  const webhooks = '/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations';
  await controlPlane.api.create(webhooks, validatingWebhook(caPem));
  await until("Istio's webhook", () => refusesWhatIsWrong(controlPlane), { needs: [istiod] });
  await mustKubectl(controlPlane, ['apply', '-f', join(configs, 'istio-system.yaml')]);
  return istiod;
}

const environment = {
  // Filters that only Istio's own build of Envoy has; the gateway is upstream's.
  PILOT_ENABLE_ALPN_FILTER: 'false',
  PILOT_ENABLE_METADATA_EXCHANGE: 'false',
  ENABLE_CA_SERVER: 'false',
  // The webhook is configured below, with a URL: istiod would look for one with a Service.
  VALIDATION_WEBHOOK_CONFIG_NAME: '',
  POD_NAME: 'istiod-0',
  POD_NAMESPACE: 'istio-system',
  CLUSTER_ID: 'Kubernetes',
} as const;

function flags(kubeconfig: string): string[] {
  return [
    `--kubeconfig=${kubeconfig}`,
    `--meshConfig=${join(configs, 'istiod.yaml')}`,
    '--networksConfig=none',
    `--httpAddr=127.0.0.1:${ports.http}`,
    `--grpcAddr=127.0.0.1:${ports.xds}`,
    '--secureGRPCAddr=',
    `--monitoringAddr=127.0.0.1:${ports.monitoring}`,
    `--ctrlz_port=${ports.introspection}`,
    `--httpsAddr=127.0.0.1:${ports.webhook}`,
  ];
}

function writeServingCertificate(folder: string): { caPem: string; files: string[] } {
  const authority = createAuthority('istiod-ca');
  const { certPem, keyPem } = authority.issue({ commonName: 'istiod', hosts: ['127.0.0.1'] });
  mkdirSync(folder, { recursive: true });
  // istiod takes the certificate only if all three are named.
  const files = Object.entries({ caCertFile: authority.certPem, tlsCertFile: certPem, tlsKeyFile: keyPem });
  return {
    caPem: authority.certPem,
    files: files.map(([flag, pem]) => {
      const path = join(folder, `${flag}.pem`);
      writeFileSync(path, pem, { mode: 0o600 });
      return `--${flag}=${path}`;
    }),
  };
}

/** As Istio's base chart has it, with a URL in place of the Service. */
function validatingWebhook(caPem: string): object {
  return {
    metadata: { name: 'istiod-default-validator' },
    webhooks: [
      {
        name: 'validation.istio.io',
        clientConfig: {
          url: `https://127.0.0.1:${ports.webhook}/validate`,
          caBundle: Buffer.from(caPem).toString('base64'),
        },
        rules: [
          {
            operations: ['CREATE', 'UPDATE'],
            apiGroups: [
              'security.istio.io',
              'networking.istio.io',
              'telemetry.istio.io',
              'extensions.istio.io',
            ],
            apiVersions: ['*'],
            resources: ['*'],
          },
        ],
        failurePolicy: 'Fail',
        sideEffects: 'None',
        admissionReviewVersions: ['v1'],
      },
    ],
  };
}

interface Definitions {
  readonly items: readonly {
    readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
  }[];
}

async function areServed({ api }: ControlPlane): Promise<boolean> {
  const { items } = await api.get<Definitions>('/apis/apiextensions.k8s.io/v1/customresourcedefinitions');
  return items.every(({ status }) =>
    status?.conditions?.some((condition) => condition.type === 'Established' && condition.status === 'True'),
  );
}

/** The API server learns of a webhook a moment after it was configured; only then is it in force. */
async function refusesWhatIsWrong({ api }: ControlPlane): Promise<boolean> {
  const wrong = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'wrong', namespace: 'default' },
    spec: { hosts: ['wrong'], http: [{ route: [{ destination: { host: 'wrong' }, weight: -1 }] }] },
  };
  const path = '/apis/networking.istio.io/v1/namespaces/default/virtualservices?dryRun=All';
  const answer = await api.create(path, wrong).catch((error: unknown) => error);
  if (answer instanceof ApiError && answer.message.includes('denied the request')) return true;
  // What stands in its way is told when patience is over.
  if (answer instanceof Error) throw answer;
  return false;
}

async function mustKubectl(controlPlane: ControlPlane, args: readonly string[]): Promise<void> {
  const { code, stdout, stderr } = await controlPlane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(' ')}: ${stdout}${stderr}`);
}
