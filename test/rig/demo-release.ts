// One release of the demo, watched from the outside as a user would: by the API, Prometheus and kubectl.
import { readState } from '../../src/config/state.ts';
import type { Kube } from '../../src/kube/kube.ts';
import { resources } from '../../src/kube/objects.ts';
import type { MetricSource } from '../../src/prometheus/source.ts';
import { objectAt, textAt } from '../../src/routing/json.ts';
import { istio } from '../../src/routing/istio.ts';
import { clockTime, type Glance, glanceKey, glanceLine } from './demo-view.ts';
import type { Outcome } from './run-program.ts';

export interface Stage {
  readonly kube: Kube;
  readonly prometheus: MetricSource;
  kubectl(line: string, input?: string): Promise<Outcome>;
  readonly gatewayUrl: string;
}

export interface Released {
  readonly outcome: 'Succeeded' | 'Failed' | 'Aborted';
  readonly seconds: number;
  readonly message: string;
  /** Of `kubectl rollout status`, run beside it. */
  readonly rolloutStatus: Outcome;
}

const lookEveryMs = 250;
/** A line at least this often, so that the figures are seen to move. */
const lineEveryMs = 2_500;
const longestMs = 120_000;

/** Sets the image of deployment web in `namespace` and shows what comes of it until the rollout has ended. */
export async function release(
  stage: Stage,
  namespace: string,
  image: string,
  say: (line: string) => void,
): Promise<Released> {
  const begun = Date.now();
  const tell = (line: string): void => say(`${clockTime(Date.now() - begun)}  ${line}`);
  // Events know no parts of a second: those of the release before are told apart by name.
  const told = new Set((await messages(stage.kube, namespace)).keys());
  const command = `-n ${namespace} set image deployment/web web=${image}`;
  tell(`$ kubectl ${command}`);
  const set = await stage.kubectl(command);
  for (const line of `${set.stderr}${set.stdout}`.trim().split('\n')) tell(line);
  if (set.code !== 0) throw new Error(`kubectl ${command} failed`);
  const rolloutStatus = stage.kubectl(`-n ${namespace} rollout status deployment/web --timeout=150s`);
  let shown = { key: '', at: 0 };
  while (Date.now() - begun < longestMs) {
    for (const [name, message] of await messages(stage.kube, namespace)) {
      if (!told.has(name)) tell(`  serin: ${message}`);
      told.add(name);
    }
    const glance = await look(stage, namespace);
    const key = glanceKey(glance);
    if (key !== shown.key || Date.now() - shown.at > lineEveryMs) {
      tell(glanceLine(glance));
      shown = { key, at: Date.now() };
    }
    const state = readState(glance.main.metadata.annotations);
    if (state !== undefined && !('corrupt' in state) && 'endedAt' in state && state.endedAt >= begun) {
      const status = await rolloutStatus;
      return {
        outcome: state.phase,
        seconds: (Date.now() - begun) / 1000,
        message: state.message,
        rolloutStatus: status,
      };
    }
    await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
  }
  throw new Error(`the release of ${image} did not end within ${longestMs / 1000} s`);
}

async function look({ kube, prometheus }: Stage, namespace: string): Promise<Glance> {
  const arms = { namespace, stable: 'web', canary: 'web-canary', windowMs: 5_000 };
  const [main, twin, shop, figures] = await Promise.all([
    kube.get(resources.deployments, namespace, 'web'),
    kube.get(resources.deployments, namespace, 'web-canary'),
    kube.get(resources.virtualServices, namespace, 'shop'),
    prometheus.figures(arms),
  ]);
  if (main === undefined || shop === undefined) throw new Error('the shop is gone');
  const split = { service: { name: 'web', namespace, ports: [] }, twinService: 'web-canary' };
  const route = istio.seen([shop], split);
  return { main, twin, weight: route.kind === 'split' ? route.weight : 0, figures };
}

/** What Serin said of Deployments there, oldest first, by the name of the Event. */
async function messages(kube: Kube, namespace: string): Promise<ReadonlyMap<string, string>> {
  const events = await kube.list(resources.events, { namespace });
  const ours = (events?.items ?? []).filter(
    (event) => textAt(objectAt(event, 'source'), 'component') === 'serin',
  );
  const inOrder = ours.sort(
    (a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion),
  );
  return new Map(inOrder.map((event) => [event.metadata.name, textAt(event, 'message') ?? '']));
}
