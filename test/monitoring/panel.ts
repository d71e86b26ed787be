// How a chart looks.
import {
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  TooltipDisplayMode,
  VisibilityMode,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from '@grafana/grafana-foundation-sdk/common';
import { PanelBuilder as StatPanel } from '@grafana/grafana-foundation-sdk/stat';
import { PanelBuilder as StatePanel } from '@grafana/grafana-foundation-sdk/statetimeline';
import { PanelBuilder as SeriesPanel } from '@grafana/grafana-foundation-sdk/timeseries';
import { type Chart, source } from './board.ts';

type AnyPanel = SeriesPanel | StatPanel | StatePanel;

/** The panel of the chart, without what it asks and where it stands. */
export function panelOf(chart: Chart): AnyPanel {
  const panel = bare(chart).title(chart.title).description(chart.about).datasource(source).unit(chart.unit);
  if (chart.min !== undefined) panel.min(chart.min);
  if (chart.max !== undefined) panel.max(chart.max);
  for (const [series, color] of Object.entries(chart.colors ?? {}))
    panel.overrideByName(series, [{ id: 'color', value: { mode: 'fixed', fixedColor: color } }]);
  return panel;
}

function bare({ as, limits }: Chart): AnyPanel {
  if (as === 'number') return new StatPanel();
  if (as === 'states') return new StatePanel().showValue(VisibilityMode.Never).mergeValues(true);
  const panel = new SeriesPanel()
    .lineWidth(2)
    .fillOpacity(10)
    .showPoints(VisibilityMode.Never)
    .legend(
      new VizLegendOptionsBuilder()
        .displayMode(LegendDisplayMode.List)
        .placement(LegendPlacement.Bottom)
        .showLegend(true),
    )
    .tooltip(new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending));
  if (limits !== undefined)
    panel.overrideByName(limits, [
      { id: 'custom.lineStyle', value: { fill: 'dash', dash: [10, 10] } },
      { id: 'custom.fillOpacity', value: 0 },
      { id: 'color', value: { mode: 'fixed', fixedColor: 'red' } },
    ]);
  return panel;
}
