// A terminal session as an animated SVG, from the lines and the times at which they were printed.

interface Line {
  /** Milliseconds from the start. */
  readonly at: number;
  readonly text: string;
}

const rowHeight = 17;
const charWidth = 7.4;
/** The pause after the last line before it starts over. */
const restMs = 8_000;
/** Waiting is shown, but not for longer than this. */
const longestGapMs = 1_500;

/** Lines appear in order, long waits shortened, and start over after a rest; where motion is unwanted all are shown. */
export function castSvg(lines: readonly Line[]): string {
  const rows = timed(lines).flatMap(({ at, text }) => text.split('\n').map((row) => ({ at, row })));
  const total = (rows.at(-1)?.at ?? 0) + restMs;
  const width = Math.ceil(Math.max(...rows.map(({ row }) => row.length)) * charWidth) + 32;
  const height = rows.length * rowHeight + 32;
  const text = rows.map(({ at, row }, n) => {
    const y = 28 + n * rowHeight;
    const from = ((100 * at) / total).toFixed(2);
    return `<text x="16" y="${y}" xml:space="preserve" class="${colour(row)}" style="animation:l${n} ${total}ms step-end infinite">${escaped(row)}</text>
<style>@keyframes l${n}{0%{opacity:0}${from}%{opacity:1}100%{opacity:1}}</style>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}">
<style>
text{font:12px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;white-space:pre;fill:#d6deeb}
.said{fill:#7fdbca}.head{fill:#ffcb6b;font-weight:bold}.bad{fill:#ff8b92}.good{fill:#c3e88d}.typed{fill:#82aaff}
@media (prefers-reduced-motion:reduce){text{animation:none!important}}
</style>
<rect width="100%" height="100%" rx="8" fill="#11151c"/>
${text.join('\n')}
</svg>
`;
}

function timed(lines: readonly Line[]): readonly Line[] {
  let shown = 0;
  let before = lines[0]?.at ?? 0;
  return lines.map(({ at, text }) => {
    shown += Math.min(at - before, longestGapMs);
    before = at;
    return { at: shown, text };
  });
}

function colour(row: string): string {
  if (/^\d\. /.test(row)) return 'head';
  if (/\$ kubectl/.test(row)) return 'typed';
  if (/Rolled back|RollingBack|Failed|fail /.test(row)) return 'bad';
  if (/Promoted|Succeeded/.test(row)) return 'good';
  return / {2}serin: |Warning: /.test(row) ? 'said' : '';
}

function escaped(row: string): string {
  return row.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
