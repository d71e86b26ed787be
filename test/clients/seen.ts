// What is seen of a row after it was done, in the words that rows are written in.
import { readState } from '../../src/config/state.ts';
import type { KubeObject } from '../../src/kube/objects.ts';
import { listAt, objectAt, textAt } from '../../src/routing/json.ts';
import type { AuditEvent } from '../rig/audit.ts';
import { argoHealthOf, kstatusOf } from '../rig/health.ts';
import type { Outcome } from '../rig/run-program.ts';
import { imageIn } from '../rig/shop-client.ts';
import type { Ends } from './row.ts';

type OfObject = Pick<Ends, 'template' | 'hold' | 'phase' | 'kstatus' | 'argo'>;

/** What the Deployment says of itself; undefined where there is none. */
export function shownBy(deployment: KubeObject | undefined): OfObject {
  if (deployment === undefined)
    return { template: 'gone', hold: 'none', phase: 'none', kstatus: 'NotFound', argo: 'Missing' };
  const state = readState(deployment.metadata.annotations);
  const phase = state === undefined || 'corrupt' in state ? 'none' : state.phase;
  const isPaused = objectAt(deployment, 'spec')['paused'] === true;
  const isOver = phase === 'none' || phase === 'Aborted' || phase === 'Succeeded';
  return {
    template: imageIn(objectAt(deployment['spec'], 'template')),
    hold: isPaused ? (isOver ? 'paused' : 'held') : 'none',
    phase,
    kstatus: kstatusOf(deployment),
    argo: argoHealthOf(deployment),
  };
}

/** kubectl's own, about itself. */
const ofKubectl = /^Warning: resource deployments\/\S+ was previously managed with 'kubectl apply'/;

/** The warnings and errors that a program printed, the same at every run; an error is told by its first line. */
export function toldBy({ stderr }: Outcome, name: string): string {
  const lines = stderr
    .replaceAll(name, 'web')
    .split('\n')
    .map((line) =>
      line
        // client-go logs a warning in programs that are not kubectl: level, date, process and place, then the text in quotes.
        .replace(/^I\d{4} .*? warnings\.go:\d+\] "(Warning: .*)"$/, '$1')
        .replaceAll(/\b(?=[a-z0-9]*\d)[a-z0-9]{10}\b/g, 'REV')
        .replaceAll(/REV-[a-z0-9]{5}\b/g, 'POD'),
    )
    .filter(
      (line) => /^(Warning: |error: |Error|The request is invalid: )/.test(line) && !ofKubectl.test(line),
    );
  return lines.join('\n');
}

/** What `kubectl rollout status --watch=false` says, in a word. */
export function rolloutStatusIn({ code, stdout, stderr }: Outcome): Ends['rolloutStatus'] {
  if (stdout.includes('successfully rolled out')) return 'done';
  if (stderr.includes('exceeded its progress deadline')) return 'fails';
  if (stderr.includes('not found')) return 'not found';
  if (code === 0 && stdout.startsWith('Waiting for')) return 'waits';
  throw new Error(`kubectl rollout status said: ${stdout}${stderr}`);
}

/** The writes of a client on the Deployment, in words; one that met another write and was sent again counts once. */
export function sentIn(events: readonly AuditEvent[]): string {
  const last = events.filter(
    ({ responseStatus }, index) => responseStatus?.code !== 409 || index === events.length - 1,
  );
  return last.length === 0 ? 'nothing' : last.map(sentenceOf).join('; ');
}

function sentenceOf({ verb, requestURI, objectRef, responseStatus }: AuditEvent): string {
  const query = new URL(requestURI, 'https://cluster').searchParams;
  const [manager, code] = [query.get('fieldManager'), responseStatus?.code ?? 0];
  const words = [
    `${verb}${objectRef?.subresource === undefined ? '' : ` ${objectRef.subresource}`}${manager === null ? '' : ` by ${manager}`}`,
    ...(query.get('force') === 'true' ? ['force'] : []),
    ...(query.has('dryRun') ? ['dry run'] : []),
  ];
  return `${words.join(', ')}${code >= 400 ? `: ${code}` : ''}`;
}

/** The variables of the one container in the template. */
export function environmentOf(deployment: KubeObject): Readonly<Record<string, string | undefined>> {
  const [container] = listAt(objectAt(objectAt(deployment['spec'], 'template'), 'spec'), 'containers');
  return Object.fromEntries(
    listAt(container, 'env').map((each) => [textAt(each, 'name') ?? '', textAt(each, 'value')]),
  );
}

export function historyOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.['serin.dev/history'];
}
