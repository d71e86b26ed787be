// Grafana's own SDK makes the JSON of a dashboard.
import type { Builder } from '@grafana/grafana-foundation-sdk/cog';
import {
  AnnotationQueryBuilder,
  type Dashboard,
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  DatasourceVariableBuilder,
  type Panel,
  QueryVariableBuilder,
  RowBuilder,
  VariableRefresh,
  VariableSort,
} from '@grafana/grafana-foundation-sdk/dashboard';
import { DataqueryBuilder } from '@grafana/grafana-foundation-sdk/prometheus';
import { type Board, type Chart, source, type Variable } from './board.ts';
import { panelOf } from './panel.ts';

const height = 8;

/** The dashboard as Grafana imports it. */
export function dashboardOf({ uid, title, about, variables, marks, rows }: Board): Dashboard {
  const board = new DashboardBuilder(title)
    .uid(uid)
    .description(about)
    .tags(['serin'])
    .time({ from: 'now-1h', to: 'now' })
    .refresh('10s')
    .timezone('browser')
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder('Serin').type(DashboardLinkType.Dashboards).tags(['serin']).asDropdown(true),
    )
    .withVariable(new DatasourceVariableBuilder('datasource').label('Data source').type('prometheus'));
  for (const each of variables) board.withVariable(variableOf(each));
  for (const { name, expr, legend } of marks)
    board.annotation(
      new AnnotationQueryBuilder()
        .name(name)
        .datasource(source)
        .enable(true)
        .expr(expr)
        .step('15s')
        .titleFormat(legend)
        .iconColor('blue'),
    );
  let id = 0;
  for (const [name, charts] of Object.entries(rows)) {
    board.withRow(new RowBuilder(name));
    for (const chart of charts) board.withPanel(placed(chart, (id += 1)));
  }
  return board.build();
}

/** What a variable asks; Grafana makes a question about series of it. */
function variableQuery({ values }: Variable): string {
  return `label_values(${values.of}, ${values.label})`;
}

function variableOf(variable: Variable): QueryVariableBuilder {
  return new QueryVariableBuilder(variable.name)
    .label(variable.label)
    .datasource(source)
    .query({ query: variableQuery(variable), refId: variable.name })
    .refresh(VariableRefresh.OnTimeRangeChanged)
    .sort(VariableSort.AlphabeticalAsc);
}

function placed(chart: Chart, id: number): Builder<Panel> {
  const panel = panelOf(chart)
    .id(id)
    .span(chart.width ?? 12)
    .height(height);
  for (const [index, { expr, legend }] of chart.queries.entries())
    panel.withTarget(
      new DataqueryBuilder()
        .refId(String.fromCodePoint(65 + index))
        .expr(expr)
        .legendFormat(legend)
        .range(),
    );
  return panel;
}
