import type { Node } from '../report/report.ts';
import { cutLine, type Line, lineWidth, padded, span, type Span } from './lines.ts';

/** Of more pods than these, those that are ready are told as a number. */
const mostPods = 8;

/** The objects and what they own, their state in a column of its own; `all` of them, or no more pods than tell something. */
export function treeLines(nodes: readonly Node[], width: number, all: boolean): readonly Line[] {
  const shown = all ? nodes : nodes.map(withFewer);
  const rows = shown.flatMap((node) => rowsOf(node, '', ''));
  const widest = Math.max(0, ...rows.map(({ name }) => lineWidth(name)));
  const longest = Math.max(0, ...rows.map(({ status }) => lineWidth([status])));
  // The names give way to what they are.
  const room = Math.max(1, Math.min(widest, width - longest - 2));
  return rows.map(({ name, status }) => {
    const cut = cutLine(name, room);
    return cutLine([...cut, { text: padded('', room - lineWidth(cut) + 2) }, status], width);
  });
}

function withFewer(node: Node): Node {
  const { children } = node;
  if (!children.every(({ kind }) => kind === 'Pod')) return { ...node, children: children.map(withFewer) };
  if (children.length <= mostPods) return node;
  const bad = children.filter(({ ready }) => !ready).slice(0, mostPods);
  const left = children.length - bad.length;
  const isGood = children.filter(({ ready }) => ready).length === left;
  const rest: Node = {
    ...{ kind: 'Pods', name: `${left}${bad.length === 0 ? '' : ' more'}`, children: [] },
    ...{ ready: isGood, status: isGood ? 'ready' : 'not all ready' },
  };
  return { ...node, children: [...bad, rest] };
}

interface Row {
  readonly name: Line;
  readonly status: Span;
}

function rowsOf(node: Node, branch: string, below: string): readonly Row[] {
  const { kind, name, arm, ready, status, children } = node;
  const whose: readonly Span[] =
    arm === undefined ? [] : [{ text: ` ${arm}`, style: arm === 'canary' ? 'canary' : 'faint' }];
  const own: Row = {
    name: [{ text: branch, style: 'faint' }, span(`${kind}/${name}`), ...whose],
    status: span(status, ready ? 'good' : 'warn'),
  };
  const last = children.length - 1;
  return [
    own,
    ...children.flatMap((child, index) =>
      index === last
        ? rowsOf(child, `${below}└─ `, `${below}   `)
        : rowsOf(child, `${below}├─ `, `${below}│  `),
    ),
  ];
}
