// All the page knows, as it comes over one line from the server.
import { phraseOf } from '../../report/words.ts';
import type { ClusterShown, News, Summary } from '../wire.ts';
import { keyOf } from './order.ts';

/** The line to the server on this machine. */
export type LineState = 'opening' | 'open' | 'lost';

export interface Known {
  readonly line: LineState;
  /** False until everything was told once. */
  readonly isTold: boolean;
  readonly cluster: ClusterShown;
  readonly context: string;
  readonly allowActions: boolean;
  readonly rollouts: ReadonlyMap<string, Summary>;
  /** How often each rollout was told of: whoever shows more of it asks again when this changes. */
  readonly told: ReadonlyMap<string, number>;
  /** Milliseconds that the cluster's clock is ahead of the browser's. */
  readonly aheadMs: number;
}

export const nothingKnown: Known = {
  ...{ line: 'opening', isTold: false, cluster: { ok: true }, context: '', allowActions: false },
  ...{ rollouts: new Map(), told: new Map(), aheadMs: 0 },
};

/** What is known once the news have come, at `now` by the browser's clock. */
export function withNews(known: Known, news: News, now: number): Known {
  switch (news.kind) {
    case 'all': {
      const { at, context, allowActions, cluster, rollouts } = news;
      const told = new Map(rollouts.map((each) => [keyOf(each), (known.told.get(keyOf(each)) ?? 0) + 1]));
      const byKey = new Map(rollouts.map((each) => [keyOf(each), each]));
      return {
        ...known,
        isTold: true,
        aheadMs: at - now,
        context,
        allowActions,
        cluster,
        rollouts: byKey,
        told,
      };
    }
    case 'rollout': {
      const key = keyOf(news.rollout);
      const told = new Map(known.told).set(key, (known.told.get(key) ?? 0) + 1);
      return { ...known, told, rollouts: new Map(known.rollouts).set(key, news.rollout) };
    }
    case 'gone': {
      const rollouts = new Map(known.rollouts);
      rollouts.delete(keyOf(news));
      return { ...known, rollouts };
    }
    case 'cluster':
      return { ...known, cluster: news.cluster };
    case 'beat':
      return { ...known, aheadMs: news.at - now };
  }
}

/** What changed that somebody who does not look should hear: one sentence, or nothing. */
export function spoken(before: Known, after: Known): string {
  if (!before.isTold) return '';
  if (before.line !== 'lost' && after.line === 'lost') return 'The dashboard lost its server.';
  if (before.cluster.ok !== after.cluster.ok)
    return after.cluster.ok ? 'The API server answers again.' : 'The API server does not answer.';
  const changed = [...after.rollouts].filter(([key, rollout]) => {
    const was = before.rollouts.get(key);
    return was !== rollout && (was?.phase !== rollout.phase || was.attention !== rollout.attention);
  });
  const [first, ...more] = changed;
  if (first === undefined) return '';
  const [key, { phase, attention, message }] = first;
  const others = more.length === 0 ? '' : ` ${more.length} more changed.`;
  return `${key}: ${phraseOf(phase)}${attention ? ', needs attention' : ''}. ${message}${others}`;
}
