// Whether Serin itself is in order: from what the cluster says of it, and from how it answers.
import { X509Certificate } from 'node:crypto';
import type { KubeObject } from '../kube/objects.ts';
import { containersIn, templateOf } from '../kube/deployment.ts';
import { listAt, numberAt, objectAt, textAt } from '../routing/json.ts';
import { type Check, ok, problem, type Seen, untold, warning } from './check.ts';
import type { Tried } from './dry-run.ts';

/** What is read of an installation. */
export interface Install {
  readonly home: string;
  /** Unix ms by the API server's clock. */
  readonly now: number;
  readonly webhooks: { readonly mutating: Seen<KubeObject>; readonly validating: Seen<KubeObject> };
  readonly secret: Seen<KubeObject>;
  readonly serin: Seen<KubeObject>;
  readonly lease: Seen<KubeObject>;
  readonly guards: Seen<readonly string[]>;
  /** Policies that change objects; absent where the server has none of the kind. */
  readonly holds: Seen<readonly string[]>;
  /** The dry run of a Deployment with what Serin alone writes; absent where it was not asked. */
  readonly asked?: Tried;
}

/** Every line about the installation. */
export function installChecks(install: Install): readonly Check[] {
  return [
    podsCheck(install),
    webhookCheck(install),
    certificateCheck(install),
    policiesCheck(install),
    leaderCheck(install),
  ];
}

const again = 'kubectl apply -k manifests';

function podsCheck({ serin, home }: Install): Check {
  const about = 'serin';
  if (serin === 'forbidden') return untold(about, `get Deployments in ${home}`);
  if (serin === 'absent')
    return problem(
      about,
      `there is no Deployment serin in ${home}`,
      'docs/install.md; --serin-namespace where it is elsewhere',
    );
  const { spec, status } = serin.found;
  const [wanted, ready] = [numberAt(spec, 'replicas') ?? 1, numberAt(status, 'readyReplicas') ?? 0];
  const image = containersIn(templateOf(serin.found))[0]?.image ?? '';
  const text = `${ready} of ${wanted} pods are ready${image === '' ? '' : ` (${image})`}`;
  if (ready === 0)
    return problem(about, text, `kubectl -n ${home} describe pods -l app.kubernetes.io/name=serin`);
  return ready < wanted ? warning(about, text, `kubectl -n ${home} get pods`) : ok(about, text);
}

function webhookCheck({ webhooks, asked }: Install): Check {
  const about = 'webhook';
  const missing = Object.entries(webhooks).filter(([, seen]) => seen === 'absent');
  if (missing.length > 0)
    return problem(
      about,
      `the ${missing.map(([kind]) => kind).join(' and ')} webhook configuration serin is missing: nobody asks Serin`,
      again,
    );
  if (asked === undefined)
    return warning(about, 'not asked: the namespace has no label by which it would be', undefined);
  switch (asked.is) {
    case 'unknown':
      return warning(about, `cannot be told: ${asked.why}`);
    case 'refused':
      return refused(about, asked.message);
    case 'taken':
      return isStamped(asked.object)
        ? ok(about, 'asked by a dry run, and it answers')
        : problem(
            about,
            'a dry run came back untouched: it does not answer, and nothing is in its place',
            again,
          );
  }
}

/** Serin takes out of a new Deployment what it alone writes. */
function isStamped({ metadata }: KubeObject): boolean {
  return !(probeAnnotation in (metadata.annotations ?? {}));
}

/** What a dry run carries for Serin to take out. */
export const probeAnnotation = 'serin.dev/history';

function refused(about: string, message: string): Check {
  if (message.includes('annotations.guard.serin.dev'))
    return problem(
      about,
      'it does not answer: a policy refused in its place what it would have put right',
      'see serin and certificate; a proxy or firewall between kube-apiserver and its pods has the same look',
    );
  if (message.includes('failed calling webhook')) return problem(about, message);
  if (/admission webhook "[^"]*serin\.dev" denied/.test(message))
    return ok(about, 'asked by a dry run, and it answers');
  return warning(about, `cannot be told: the dry run was refused: ${message}`);
}

const monthMs = 30 * 86_400_000;
/** A leaf is renewed long before: one that is nearly over was not. */
const weekMs = 7 * 86_400_000;

function certificateCheck({ webhooks, secret, now, home }: Install): Check {
  const about = 'certificate';
  const bundles = [webhooks.mutating, webhooks.validating].flatMap(bundlesIn);
  if (bundles.length === 0)
    return webhooks.mutating === 'forbidden'
      ? untold(about, 'get webhook configurations')
      : problem(about, 'there is no webhook configuration to hold its CA', again);
  if (bundles.includes(''))
    return problem(
      about,
      'a webhook has no caBundle, so that kube-apiserver does not trust it',
      `kubectl -n ${home} logs deployment/serin -c webhook`,
    );
  if (new Set(bundles).size > 1)
    return problem(
      about,
      'the webhooks have different caBundles',
      `kubectl -n ${home} rollout restart deployment/serin`,
    );
  const authorities = certificatesIn(bundles[0] ?? '');
  const last = Math.max(...authorities.map(({ validTo }) => Date.parse(validTo)));
  if (authorities.length === 0) return problem(about, 'the caBundle cannot be read');
  if (last < now)
    return problem(
      about,
      `its CA has expired on ${dayOf(last)}`,
      `kubectl -n ${home} delete secret serin-certs`,
    );
  return leafCheck(about, { secret, now, last, authorities });
}

interface Trust {
  readonly secret: Seen<KubeObject>;
  readonly now: number;
  readonly last: number;
  readonly authorities: readonly X509Certificate[];
}

function leafCheck(about: string, { secret, now, last, authorities }: Trust): Check {
  const until = `its CA until ${dayOf(last)}`;
  if (typeof secret === 'string')
    return last - now < monthMs
      ? warning(about, until)
      : ok(about, `${until}; the serving certificate is not yours to read`);
  const text = textAt(secret.found['data'], 'tls.crt') ?? '';
  const [leaf] = certificatesIn(text);
  if (leaf === undefined) return problem(about, 'Secret serin-certs holds no certificate');
  const ends = Date.parse(leaf.validTo);
  if (!authorities.some((each) => leaf.checkIssued(each) && leaf.verify(each.publicKey)))
    return problem(
      about,
      'the certificate that is served was not issued by the CA in the caBundle: kube-apiserver does not trust it',
    );
  if (ends < now) return problem(about, `it has expired on ${dayOf(ends)}`);
  const words = `until ${dayOf(ends)}, ${until}`;
  return ends - now < weekMs ? warning(about, `${words}: it should have been renewed`) : ok(about, words);
}

function bundlesIn(seen: Seen<KubeObject>): readonly string[] {
  if (typeof seen === 'string') return [];
  return listAt(seen.found, 'webhooks').map(
    (each) => textAt(objectAt(each, 'clientConfig'), 'caBundle') ?? '',
  );
}

function certificatesIn(base64: string): readonly X509Certificate[] {
  const pem = Buffer.from(base64, 'base64').toString();
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    return blocks.map((each) => new X509Certificate(each));
  } catch {
    return [];
  }
}

function dayOf(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

const guardNames = ['annotations', 'command', 'hold', 'namespace', 'status'].map(
  (name) => `${name}.guard.serin.dev`,
);
const holdNames = ['hold.serin.dev', 'stale-failure.serin.dev'];

function policiesCheck({ guards, holds }: Install): Check {
  const about = 'policies';
  if (guards === 'forbidden' || holds === 'forbidden') return untold(about, 'list admission policies');
  const there = guards === 'absent' ? [] : guards.found;
  const missing = guardNames.filter((name) => !there.includes(name));
  if (missing.length > 0)
    return problem(
      about,
      `${missing.join(', ')} missing: while Serin is down, changes could go past it`,
      again,
    );
  if (holds === 'absent')
    return ok(
      about,
      `all ${guardNames.length} guards; this server has none that hold, so that changes are refused while Serin is down`,
    );
  const unheld = holdNames.filter((name) => !holds.found.includes(name));
  if (unheld.length > 0)
    return warning(
      about,
      `this server could hold changes while Serin is down, and refuses them: ${unheld.join(', ')} missing`,
      'kubectl apply -k manifests/policies',
    );
  return ok(about, `all ${guardNames.length} guards, ${holdNames.join(', ')}`);
}

function leaderCheck({ lease, now, home }: Install): Check {
  const about = 'controller';
  if (lease === 'forbidden') return untold(about, `get Leases in ${home}`);
  const spec = lease === 'absent' ? {} : objectAt(lease.found, 'spec');
  const holder = textAt(spec, 'holderIdentity') ?? '';
  const logs = `kubectl -n ${home} logs deployment/serin -c controller`;
  if (holder === '') return problem(about, 'none leads: what is held stays held', logs);
  const silent = now - Date.parse(textAt(spec, 'renewTime') ?? '');
  const seconds = Math.max(0, Math.round(silent / 1000));
  const patience = 2 * (numberAt(spec, 'leaseDurationSeconds') ?? 15);
  if (!(seconds <= patience))
    return problem(about, `${holder} led, and was last seen ${seconds}s ago: what is held stays held`, logs);
  return ok(about, `${holder} leads, seen ${seconds}s ago`);
}
