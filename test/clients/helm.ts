// What Helm does, 3 and 4: a chart with one Deployment.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { equal } from 'node:assert/strict';
import { stringify } from 'yaml';
import type { Outcome } from '../rig/run-program.ts';
import { manifestOf, quickPlan } from './objects.ts';
import {
  aborted,
  failed,
  held,
  heldWarning,
  type Place,
  type Row,
  serving,
  supersededWarning,
} from './row.ts';
import { shownBy } from './seen.ts';

type Major = 3 | 4;

/** The chart of the row; answers where it stands. */
function chartOf({ name, folder }: Place): string {
  const chart = join(folder, 'chart');
  mkdirSync(join(chart, 'templates'), { recursive: true });
  writeFileSync(join(chart, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: 'web', version: '1.0.0' }));
  const annotations = { 'serin.dev/canary': '{{ .Values.plan | quote }}' };
  const template = stringify(manifestOf(name, '{{ .Values.image }}', { annotations }), { lineWidth: 0 });
  writeFileSync(
    join(chart, 'templates/web.yaml'),
    template.replace('"{{ .Values.plan | quote }}"', '{{ .Values.plan | quote }}'),
  );
  writeFileSync(join(chart, 'values.yaml'), stringify({ image: 'shop:1', plan: '' }));
  return chart;
}

interface Wish {
  readonly image: string;
  readonly flags?: string;
  readonly plan?: string;
}

async function upgrade(place: Place, major: Major, { image, flags = '', plan = '' }: Wish): Promise<Outcome> {
  const values = join(place.folder, 'values.yaml');
  const chart = chartOf(place);
  writeFileSync(values, stringify({ image, plan }));
  return place.helm(major, `upgrade --install $NAME ${chart} -f ${values} ${flags}`.trim());
}

/** Installs shop:1 and comes back when it serves. */
async function install(place: Place, major: Major, plan?: string): Promise<void> {
  const { code, stderr } = await upgrade(place, major, {
    image: 'shop:1',
    ...(plan === undefined ? {} : { plan }),
  });
  equal(code, 0, stderr);
  await place.until('the release to serve', (each) => shownBy(each).kstatus === 'Current');
}

async function onTrial(place: Place, major: Major): Promise<void> {
  await install(place, major);
  await upgrade(place, major, { image: 'shop:2' });
  await place.until('the candidate to be on trial', (each) => shownBy(each).phase === 'Progressing');
}

const sent = 'patch by helm';
const twice = `${sent}; ${sent}`;
const takenForReady =
  'Helm takes a paused Deployment for ready and does not wait: put `kubectl rollout status` behind it';

/** Upgrades, waits as Helm does not, and rolls back where that fails. */
async function upgradeAndWait(place: Place, major: Major, wish: Wish): Promise<Outcome> {
  await upgrade(place, major, wish);
  const waited = await place.kubectl('rollout status deployment/$NAME --timeout=100s');
  return waited.code === 0 ? waited : place.helm(major, 'rollback $NAME');
}

function bothDo(major: Major, onFailure: string): readonly Row[] {
  const helm = `helm ${major}:`;
  return [
    {
      does: `${helm} upgrade`,
      begins: 'absent',
      prepare: (place) => install(place, major),
      act: (place) => upgrade(place, major, { image: 'shop:2' }),
      ends: held(sent, 'shop:2'),
    },
    {
      does: `${helm} upgrade, a third version`,
      begins: 'absent',
      prepare: (place) => onTrial(place, major),
      act: (place) => upgrade(place, major, { image: 'shop:4' }),
      ends: held(sent, 'shop:4', { told: supersededWarning }),
    },
    {
      does: `${helm} rollback, on trial`,
      begins: 'absent',
      prepare: (place) => onTrial(place, major),
      act: (place) => place.helm(major, 'rollback $NAME'),
      ends: aborted(sent),
    },
    {
      does: `${helm} upgrade --wait`,
      begins: 'absent',
      note: takenForReady,
      prepare: (place) => install(place, major),
      act: (place) => upgrade(place, major, { image: 'shop:2', flags: '--wait --timeout=60s' }),
      ends: held(sent, 'shop:2'),
    },
    {
      does: `${helm} upgrade ${onFailure}, a bad version`,
      begins: 'absent',
      note: 'for the same reason it does not see the failure; traffic is on the stable version all the same',
      prepare: (place) => install(place, major),
      act: (place) => upgrade(place, major, { image: 'shop:missing', flags: `${onFailure} --timeout=60s` }),
      ends: failed(sent, { asked: true, told: heldWarning }),
    },
    {
      does: `${helm} upgrade; kubectl rollout status || helm rollback, a bad version`,
      begins: 'absent',
      prepare: (place) => install(place, major),
      act: (place) => upgradeAndWait(place, major, { image: 'shop:missing' }),
      ends: aborted(twice),
    },
  ];
}

export const helm3: readonly Row[] = [
  ...bothDo(3, '--atomic'),
  {
    does: 'helm 3: upgrade, the candidate again',
    begins: 'absent',
    prepare: (place) => onTrial(place, 3),
    act: (place) => upgrade(place, 3, { image: 'shop:2' }),
    ends: held('nothing', 'shop:2', { told: '', asked: false }),
  },
];

export const helm4: readonly Row[] = [
  ...bothDo(4, '--rollback-on-failure'),
  {
    does: 'helm 4: upgrade, the candidate again',
    begins: 'absent',
    prepare: (place) => onTrial(place, 4),
    act: (place) => upgrade(place, 4, { image: 'shop:2' }),
    ends: held(sent, 'shop:2', { told: '', asked: false }),
  },
  {
    does: 'helm 4: upgrade; kubectl rollout status',
    begins: 'absent',
    note: 'waits until the promotion is done',
    prepare: (place) => install(place, 4, quickPlan),
    act: (place) => upgradeAndWait(place, 4, { image: 'shop:2', plan: quickPlan }),
    ends: serving(sent, { asked: true, template: 'shop:2', phase: 'Succeeded', pods: 'replaced' }),
  },
  {
    does: 'helm 4: upgrade, after a promotion',
    begins: 'absent',
    note: 'Helm 4 applies on the server and does not go over conflicts: a promotion leaves none',
    prepare: async (place) => {
      await install(place, 4, quickPlan);
      equal((await upgradeAndWait(place, 4, { image: 'shop:2', plan: quickPlan })).code, 0);
      await place.until('the twin to be done with', (each) => shownBy(each).phase === 'Succeeded');
    },
    act: (place) => upgrade(place, 4, { image: 'shop:4' }),
    ends: held(sent, 'shop:4'),
  },
];
