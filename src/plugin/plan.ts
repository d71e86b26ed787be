import { asking } from '../advice/call.ts';
import { readDocuments } from '../advice/documents.ts';
import { isFine } from '../advice/fate.ts';
import { kindsOf } from '../advice/kinds.ts';
import { plan as planned, type Planned, type Planning, type Wish } from '../advice/plan.ts';
import { findPrometheus } from '../advice/prometheus.ts';
import { hasCode } from '../errors.ts';
import { resources } from '../kube/objects.ts';
import type { Traffic } from '../rollout/foresight.ts';
import type { JsonObject } from '../rollout/types.ts';
import { textAt } from '../routing/json.ts';
import { filesOf } from './files.ts';
import { nameOf } from './find.ts';
import { show, showData } from './output.ts';
import { planLines } from './render-plan.ts';
import { type Args, exit, type ExitCode, type Io } from './verb.ts';

/** Says what an apply would do, before it is done. */
export async function plan(io: Io, args: Args): Promise<ExitCode> {
  const wishes = await wishesOf(io, args);
  const traffic = trafficOf(args);
  const problem = 'problem' in wishes ? wishes.problem : 'problem' in traffic ? traffic.problem : undefined;
  if (problem !== undefined) io.err(problem);
  if ('problem' in wishes || 'problem' in traffic) return exit.usage;
  const planning = { ...(await planningOf(io, args, traffic.traffic)), making: madeBy(wishes.wishes) };
  const all: Planned[] = [];
  for (const wish of wishes.wishes) all.push(await planned(planning, wish));
  if (!(await showData(io, args, { items: all }))) show(io, planLines(all, io.terminal.size().columns));
  return codeOf(all);
}

function codeOf(all: readonly Planned[]): ExitCode {
  const fates = all.map(({ fate }) => fate).filter((fate) => fate.is !== 'taken');
  if (fates.every((fate) => isFine(fate))) return exit.done;
  return fates.every((fate) => isFine(fate) || fate.is === 'unknown') ? exit.undecided : exit.failed;
}

/** The namespaces among what is applied. */
function madeBy(wishes: readonly Wish[]): readonly string[] {
  return wishes.flatMap((wish) =>
    'object' in wish && wish.object['kind'] === 'Namespace'
      ? [textAt(wish.object['metadata'], 'name') ?? '']
      : [],
  );
}

async function planningOf(
  io: Io,
  args: Args,
  traffic: Traffic | undefined,
): Promise<Omit<Planning, 'making'>> {
  const { kube, transport, namespace } = await io.cluster(args);
  const ask = asking(transport, io.clock);
  const home = args.text('serin-namespace') ?? 'serin-system';
  const url = args.text('prometheus-url');
  const serin =
    url === undefined && traffic === undefined
      ? await kube.get(resources.deployments, home, 'serin').catch(unlessForbidden)
      : undefined;
  return {
    ...{ kube, ask, kinds: kindsOf(ask), namespace },
    prometheus: findPrometheus({ ask, clock: io.clock }, serin, url),
    ...(traffic === undefined ? {} : { traffic }),
  };
}

function unlessForbidden(error: unknown): undefined {
  if (!hasCode(error, 'KUBE_FORBIDDEN')) throw error;
  return undefined;
}

type Wishes = { readonly wishes: readonly Wish[] } | { readonly problem: string };

async function wishesOf(io: Io, args: Args): Promise<Wishes> {
  const [name, images] = [nameOf(args), args.texts('image')];
  if (name !== undefined) return imagesOf(name, images, args.texts('file').length > 0);
  if (images.length > 0)
    return {
      problem: '--image: of which Deployment? kubectl canary plan deployment/NAME --image CONTAINER=IMAGE\n',
    };
  const files = await filesOf(io, args);
  if (files === undefined) return { problem: '' };
  const read = files.map((file) => ({ file, ...readDocuments(file.text) }));
  const broken = read.flatMap(({ file, broken: all }) =>
    all.map(({ line, column, text }) => `${file.name}:${line}:${column}: ${text}\n`),
  );
  if (broken.length > 0) return { problem: broken.join('') };
  const wishes = read.flatMap(({ items }) => items.map(({ value }) => ({ object: value as JsonObject })));
  return wishes.length === 0 ? { problem: '-f: no objects in there\n' } : { wishes };
}

function imagesOf(name: string, images: readonly string[], hasFiles: boolean): Wishes {
  if (hasFiles) return { problem: '-f: either a file or the name of a Deployment with --image\n' };
  const pairs = images.map((each): [string, string] => [
    each.slice(0, each.indexOf('=')),
    each.slice(each.indexOf('=') + 1),
  ]);
  const wrong = images.find(
    (_, index) => pairs[index]?.[0] === '' || pairs[index]?.[1] === '' || !images[index]?.includes('='),
  );
  if (images.length === 0 || wrong !== undefined)
    return {
      problem: `--image: ${wrong === undefined ? 'is missing' : `${wrong} given`}, CONTAINER=IMAGE wanted\n`,
    };
  return { wishes: [{ deployment: name, images: new Map(pairs) }] };
}

type Said = { readonly traffic: Traffic | undefined } | { readonly problem: string };

/** One error in a thousand where nobody says otherwise. */
const usualErrors = '0.1%';

function trafficOf(args: Args): Said {
  const [rate, errors] = [args.text('traffic'), args.text('errors') ?? usualErrors];
  const [, percent] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(errors) ?? [];
  const isWrong = percent === undefined || Number(percent) <= 0 || Number(percent) >= 100;
  if (isWrong) return { problem: `--errors: ${errors} given, a percent above 0 as 0.1% wanted\n` };
  if (rate === undefined)
    return args.isSet('errors') ? { problem: '--errors: goes with --traffic\n' } : { traffic: undefined };
  const [, count, unit = 's'] = /^(\d+(?:\.\d+)?)(?:\/([smh]))?$/.exec(rate) ?? [];
  if (count === undefined || Number(count) <= 0)
    return { problem: `--traffic: ${rate} given, requests as 100/s or 6000/m wanted\n` };
  const perSecond = Number(count) / { s: 1, m: 60, h: 3600 }[unit as 's' | 'm' | 'h'];
  return { traffic: { perSecond, errorRate: Number(percent) / 100 } };
}
