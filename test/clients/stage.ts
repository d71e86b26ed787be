// The Deployments that the rows are done to, one for each, in one namespace of a bare lab: made in a few requests, since
// each row begins where a rollout already stands.
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { KubeObject } from '../../src/kube/objects.ts';
import { textAt } from '../../src/routing/json.ts';
import { ApiError, type ApiObject } from '../rig/api.ts';
import { parseAudit } from '../rig/audit.ts';
import type { BareLab } from '../rig/lab.ts';
import { until } from '../rig/processes.ts';
import { attempt, type Outcome } from '../rig/run-program.ts';
import { patient } from '../rig/shop-lab.ts';
import type { Binaries } from '../rig/toolchain.ts';
import type { Ends, Place, Row } from './row.ts';
import { rolloutStatusIn, sentIn, shownBy, toldBy } from './seen.ts';
import { manifestOf, planOf, serviceOf } from './objects.ts';

export interface Stage {
  /** Does the row and comes back with what came of it, as soon as it is what the row says or patience is over. */
  perform(row: Row): Promise<Ends>;
}

interface Placed {
  readonly place: Place;
  readonly before: KubeObject;
  readonly pods: ReadonlySet<string>;
}

const namespace = 'shop';
const deployments = `/apis/apps/v1/namespaces/${namespace}/deployments`;
type Found = KubeObject & ApiObject;

/** Makes every row's Deployment and brings it where the row begins. */
export async function openStage(
  lab: BareLab,
  rows: readonly Row[],
  helm?: Pick<Binaries, 'helm3' | 'helm4'>,
): Promise<Stage> {
  const names = new Map(rows.map((row, index) => [row, `web-${index}`]));
  const nameOf = (row: Row): string => names.get(row) ?? '';
  const of = (...begins: readonly Row['begins'][]): string[] =>
    rows.filter((row) => begins.includes(row.begins)).map(nameOf);
  const apply = async (objects: readonly object[]): Promise<void> => {
    if (objects.length === 0) return;
    const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: objects });
    await lab.kubectl(`-n ${namespace} apply -f -`, items);
  };
  const applyAll = (named: readonly string[], image: string, changes: object = {}): Promise<void> =>
    apply(named.map((name) => manifestOf(name, image, changes)));
  const all = async (): Promise<readonly Found[]> =>
    (await lab.plane.api.get<{ items: Found[] }>(deployments)).items;
  const reached = (what: string, named: readonly string[], holds: (found: KubeObject) => boolean) =>
    until(
      what,
      async () => (await all()).filter((each) => named.includes(each.metadata.name)).every(holds),
      patient,
    );

  await lab.kubectl(`create namespace ${namespace}`);
  await lab.kubectl(`label namespace ${namespace} serin.dev/mode=canary`);
  await apply([planOf(namespace), ...[...names.values()].map(serviceOf)]);
  // Before there is a pod to protect a version takes the place of another without ado.
  await applyAll(of('upgraded', 'held'), 'shop:0', { replicas: 0 });
  await applyAll(of('serving', 'upgraded', 'paused', 'held', 'failed', 'aborted'), 'shop:1');
  await reached('the shops to serve', [...names.values()], (each) => shownBy(each).kstatus === 'Current');
  await applyAll(of('paused'), 'shop:1', { paused: true });
  await applyAll(of('held', 'aborted'), 'shop:2');
  await applyAll(of('failed'), 'shop:missing');
  const phaseIs = (phase: string) => (each: KubeObject) => shownBy(each).phase === phase;
  await reached('the candidates to be on trial', of('held', 'aborted'), phaseIs('Progressing'));
  await applyAll(of('aborted'), 'shop:1');
  await reached('the rollouts to end', of('aborted'), phaseIs('Aborted'));
  await reached('the bad ones to fail', of('failed'), phaseIs('Failed'));
  await reached('the failures to be seen', of('failed'), (each) => shownBy(each).kstatus === 'Failed');
  return { perform: (row) => perform(lab, row, nameOf(row), helm) };
}

async function perform(
  lab: BareLab,
  row: Row,
  name: string,
  helm: Pick<Binaries, 'helm3' | 'helm4'> | undefined,
): Promise<Ends> {
  const place = placeAt(lab, name, helm);
  await row.prepare?.(place);
  const { before, pods } = await placed(lab, place);
  const since = new Date();
  const said = await row.act(place);
  const acted = new Date();
  const stands = async (): Promise<Pick<Ends, keyof ReturnType<typeof shownBy> | 'pods'>> => ({
    ...shownBy(await find(lab, name)),
    pods: [...pods].every((uid) => podsOf(lab, name).has(uid)) ? 'kept' : 'replaced',
  });
  const look = async (): Promise<Ends> => ({
    sent: sentIn(writesOn(lab, name, { since, acted })),
    asked: wasAsked(lab, name, since),
    code: said.code,
    told: toldBy(said, name),
    ...(await stands()),
    rolloutStatus: rolloutStatusIn(await place.kubectl('rollout status deployment/$NAME --watch=false')),
  });
  // The webhook's log is written a little after its answer.
  const isSo = async (): Promise<boolean> =>
    isDeepStrictEqual({ ...row.ends, asked: wasAsked(lab, name, since), ...(await stands()) }, row.ends);
  // Where it never is so, the comparison of the test shows what is.
  await until('it to stand as the row says', isSo, patient).catch(() => undefined);
  const seen = await look();
  if (isDeepStrictEqual(seen, row.ends)) await row.also?.(place, before);
  return seen;
}

async function placed(lab: BareLab, place: Place): Promise<Placed> {
  return { place, before: await place.now(), pods: podsOf(lab, place.name) };
}

function placeAt(lab: BareLab, name: string, helm: Pick<Binaries, 'helm3' | 'helm4'> | undefined): Place {
  const { plane } = lab;
  const folder = join(plane.stateDir, 'clients', name);
  mkdirSync(folder, { recursive: true });
  const now = (): Promise<Found> => plane.api.get<Found>(`${deployments}/${name}`);
  const wordsOf = (line: string): string[] => line.split(' ').map((word) => word.replace('$NAME', name));
  return {
    ...{ name, namespace, folder, now },
    kubectl: (line, options = {}) => plane.kubectl(['-n', namespace, ...wordsOf(line)], options),
    helm: (major, line) => runHelm(helm?.[`helm${major}`], wordsOf(line), { plane, folder }),
    manifest: (image, changes = {}) => JSON.stringify(manifestOf(name, image, changes)),
    until: async (what, holds) => {
      await until(what, async () => holds(await now()), patient);
    },
  };
}

function runHelm(
  file: string | undefined,
  words: readonly string[],
  { plane, folder }: Pick<BareLab, 'plane'> & { readonly folder: string },
): Promise<Outcome> {
  if (file === undefined) throw new Error('this stage has no helm');
  const home = join(folder, 'helm');
  const env = { HELM_CACHE_HOME: home, HELM_CONFIG_HOME: home, HELM_DATA_HOME: home };
  return attempt(file, ['-n', namespace, `--kubeconfig=${plane.kubeconfigPath}`, ...words], { env });
}

async function find(lab: BareLab, name: string): Promise<Found | undefined> {
  try {
    return await lab.plane.api.get<Found>(`${deployments}/${name}`);
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}

/** The names of the pods that run the Deployment's own version, by the kubelet. */
function podsOf({ kubelet }: BareLab, name: string): ReadonlySet<string> {
  return new Set(kubelet.pods().flatMap((pod) => (pod.labels['app'] === name ? [pod.name] : [])));
}

/** What a client wrote on the Deployment while the row was done. */
function writesOn({ plane }: BareLab, name: string, { since, acted }: { since: Date; acted: Date }) {
  const log = readFileSync(join(plane.stateDir, 'audit.log'), 'utf8').split('\n');
  const events = parseAudit(`${log.filter((line) => line.includes(`"${name}"`)).join('\n')}\n`);
  return events.filter(({ verb, user, objectRef, requestReceivedTimestamp }) => {
    const at = new Date(requestReceivedTimestamp);
    const isWrite = ['create', 'update', 'patch', 'delete'].includes(verb);
    const isIt = objectRef?.resource === 'deployments' && objectRef.name === name;
    return isWrite && isIt && user.username === 'admin' && at >= since && at <= acted;
  });
}

/** Whether a webhook has logged a review of it since. */
function wasAsked({ plane }: BareLab, name: string, since: Date): boolean {
  const folder = join(plane.stateDir, 'logs');
  const lines = readdirSync(folder)
    .filter((file) => file.endsWith('-webhook.log'))
    .flatMap((file) => readFileSync(join(folder, file), 'utf8').split('\n'));
  return lines
    .filter((line) => line.includes(`"name":"${name}"`) && line.includes('"reviewed"'))
    .map((line) => JSON.parse(line) as { readonly time: string | number; readonly name: string })
    .some((line) => new Date(line.time) >= since && textAt({ ...line }, 'name') === name);
}
