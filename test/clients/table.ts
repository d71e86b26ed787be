// docs/clients.md from the rows: what is shown there is what the tests on the control plane hold the rows to.
import { helm3, helm4 } from './helm.ts';
import { argo, flux } from './gitops.ts';
import { besides, changing } from './kubectl-serving.ts';
import { afterFailure, onTrial } from './kubectl-underway.ts';
import { type Begin, type Ends, heldWarning, type Row } from './row.ts';
import { scalers } from './scalers.ts';

/** Every row, under the heading it is shown by. */
export const chapters: Readonly<Record<string, readonly Row[]>> = {
  'kubectl: what changes the template': changing,
  'kubectl: everything else': besides,
  'kubectl: while a candidate is on trial': onTrial,
  'kubectl: after a failure': afterFailure,
  'Helm 3': helm3,
  'Helm 4': helm4,
  'Argo CD': argo,
  Flux: flux,
  Scaling: scalers,
};

const begins: Readonly<Record<Begin, string>> = {
  absent: '',
  serving: '',
  upgraded: '',
  paused: 'paused by its owner',
  held: 'on trial',
  failed: 'failed',
  aborted: 'ended',
};

/** The tables, one for each chapter. */
export function tables(): string {
  return Object.entries(chapters)
    .map(([heading, rows]) => `## ${heading}\n\n${tableOf(rows)}`)
    .join('\n\n');
}

function tableOf(rows: readonly Row[]): string {
  const head = [
    'what is done',
    'requests',
    'asked',
    'told',
    'the Deployment then',
    'rollout status',
    'kstatus',
    'Argo CD',
  ];
  const lines = rows.map(({ does, begins: begin, note, ends }) => [
    `${does}${does.includes(begins[begin]) ? '' : ` (${begins[begin]})`}${note === undefined ? '' : `<br>*${note}*`}`,
    ends.sent,
    ends.asked ? 'yes' : 'no',
    toldIn(ends),
    standsIn(ends),
    ends.rolloutStatus,
    ends.kstatus,
    ends.argo,
  ]);
  return [head, head.map(() => '---'), ...lines]
    .map((cells) => `| ${cells.map(escaped).join(' | ')} |`)
    .join('\n');
}

function toldIn({ told, code }: Ends): string {
  const text = told === heldWarning ? 'held' : told.replaceAll('Warning: ', '').replaceAll('\n', '<br>');
  return [...(text === '' ? [] : [text]), ...(code === 0 ? [] : [`exit code ${code}`])].join('<br>');
}

function standsIn({ template, hold, phase, pods }: Ends): string {
  if (template === 'gone') return 'gone';
  const words = [template, ...(hold === 'none' ? [] : [hold]), ...(phase === 'none' ? [] : [phase])];
  return `${words.join(', ')}${pods === 'kept' ? '' : '; other pods'}`;
}

function escaped(cell: string): string {
  return cell.replaceAll('||', '\\|\\|');
}
