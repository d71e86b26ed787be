// The chart's templates are made of the same files that `kubectl apply -k` applies, so that there is one text of each object:
// what a release may set takes the place of what is written there. UPDATE_GOLDEN=1 writes manifests/chart/templates anew.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { text } from '../rig/manifests.ts';

/** What stands in a file as it is, once, and what a template has there. */
type Places = readonly (readonly [text: string, template: string])[];

const both = (path: string): string => `{{- with .Values.${path} }}`;
const block = (path: string, key: string, indent: number): string =>
  `${both(path)}\n${' '.repeat(indent)}${key}:\n${' '.repeat(indent + 2)}{{- toYaml . | nindent ${indent + 2} }}\n${' '.repeat(indent)}{{- end }}`;

const places: Readonly<Record<string, Places>> = {
  'deployment.yaml': [
    ['  replicas: 2\n', '  replicas: {{ .Values.replicas }}\n'],
    [
      '        sidecar.istio.io/inject: "false"\n    spec:\n',
      [
        '        sidecar.istio.io/inject: "false"',
        '        {{- with .Values.podLabels }}',
        '        {{- toYaml . | nindent 8 }}',
        '        {{- end }}',
        `      ${block('podAnnotations', 'annotations', 6)}`,
        '    spec:',
        ...['imagePullSecrets', 'nodeSelector', 'tolerations', 'affinity'].map(
          (key) => `      ${block(key, key, 6)}`,
        ),
        '      {{- with .Values.priorityClassName }}',
        '      priorityClassName: {{ . }}',
        '      {{- end }}\n',
      ].join('\n'),
    ],
    [
      '        args: [webhook]\n',
      [
        '        args:',
        '        - webhook',
        '        {{- if eq .Values.certificates.issuer "cert-manager" }}',
        '        - --issuer=external',
        '        {{- end }}',
        '        {{- if ne .Values.logLevel "info" }}',
        '        - --log-level={{ .Values.logLevel }}',
        '        {{- end }}\n',
      ].join('\n'),
    ],
    [
      '        - --prometheus-url=http://prometheus.istio-system:9090\n',
      [
        '        - --prometheus-url={{ .Values.prometheus.url }}',
        '        {{- with .Values.prometheus.secret }}',
        '        - --prometheus-secret={{ . }}',
        '        {{- end }}',
        '        {{- with .Values.controller.settle }}',
        '        - --settle={{ . }}',
        '        {{- end }}',
        '        {{- with .Values.controller.scrape }}',
        '        - --scrape={{ . }}',
        '        {{- end }}',
        '        {{- range .Values.controller.extraArgs }}',
        '        - {{ . | quote }}',
        '        {{- end }}',
        '        {{- if ne .Values.logLevel "info" }}',
        '        - --log-level={{ .Values.logLevel }}',
        '        {{- end }}\n',
      ].join('\n'),
    ],
    [
      '        resources: &resources\n          requests: {cpu: 50m, memory: 128Mi}\n          limits: {memory: 256Mi}\n',
      '        resources: &resources\n          {{- toYaml .Values.resources | nindent 10 }}\n',
    ],
  ],
  'role.yaml': [
    [
      '  resourceNames: [serin-prometheus]\n',
      '  resourceNames: [{{ .Values.prometheus.secret | default "serin-prometheus" }}]\n',
    ],
  ],
  'network-policy.yaml': [
    [
      '        matchLabels: {kubernetes.io/metadata.name: istio-system}\n    ports:\n    - {port: 9090}\n',
      [
        '        matchLabels: {kubernetes.io/metadata.name: {{ .Values.networkPolicy.prometheus.namespace }}}',
        '    ports:',
        '    - {port: {{ .Values.networkPolicy.prometheus.port }}}',
        '  {{- with .Values.networkPolicy.extraEgress }}',
        '  {{- toYaml . | nindent 2 }}',
        '  {{- end }}\n',
      ].join('\n'),
    ],
  ],
};

/** Files that a release has only where its values say so. */
const onlyIf: Readonly<Record<string, string>> = {
  'disruption-budget.yaml': 'gt (int .Values.replicas) 1',
  'network-policy.yaml': '.Values.networkPolicy.enabled',
  'policy-hold.yaml': 'include "serin.serverHolds" .',
  'policy-stale-failure.yaml': 'include "serin.serverHolds" .',
  'secret-releases.yaml': '.Values.secretReleases',
  'scrape.yaml': '.Values.controller.scrape',
  'pod-monitor.yaml': '.Values.monitoring.podMonitor',
  'prometheus-rule.yaml': '.Values.monitoring.rules',
};

/** Each file of manifests/ by the name of its template; Helm makes the namespace. */
function sources(): readonly (readonly [name: string, path: string])[] {
  const base = readdirSync(join(import.meta.dirname, '../../manifests/base'))
    .filter((file) => file !== 'kustomization.yaml' && file !== 'namespace.yaml')
    .map((file) => [file, `manifests/base/${file}`] as const);
  return [
    ...base,
    ['policy-hold.yaml', 'manifests/policies/hold.yaml'],
    ['policy-stale-failure.yaml', 'manifests/policies/stale-failure.yaml'],
    ['secret-releases.yaml', 'manifests/secret-releases/cluster-role.yaml'],
    ['scrape.yaml', 'manifests/scrape/network-policy.yaml'],
    ['pod-monitor.yaml', 'manifests/monitoring/pod-monitor.yaml'],
    ['prometheus-rule.yaml', 'manifests/monitoring/prometheus-rule.yaml'],
  ];
}

/** The templates that are made of manifests/, by their file names. */
export function templates(): ReadonlyMap<string, string> {
  return new Map(sources().map(([name, path]) => [name, templateOf(name, text(path))]));
}

function templateOf(name: string, source: string): string {
  // Prometheus' own braces, in the sentences of alerts, are none of Helm's.
  let made = source.replaceAll('{{', '{{ "{{" }}');
  for (const [from, to] of places[name] ?? []) {
    if (made.split(from).length !== 2) throw new Error(`${name} has not once: ${from}`);
    made = made.replace(from, () => to);
  }
  made = labelled(made)
    .replaceAll('serin-system', '{{ .Release.Namespace }}')
    .replaceAll(
      '        image: serin\n',
      '        image: {{ include "serin.image" . }}\n        imagePullPolicy: {{ .Values.image.pullPolicy }}\n',
    );
  const condition = onlyIf[name];
  return condition === undefined ? made : `{{- if ${condition} }}\n${made}{{- end }}\n`;
}

/** The labels of the release on every object, beside those that are there. */
export function labelled(source: string): string {
  const labels = '  labels:\n    {{- include "serin.labels" . | nindent 4 }}\n';
  return source
    .replaceAll(
      /^metadata:\n((?: {2}(?!labels:).*\n)*) {2}labels:\n/gm,
      (_, before: string) => `metadata:\n${before}${labels}`,
    )
    .replaceAll(/^metadata:\n(?!(?: {2}.*\n)*? {2}labels:)/gm, `metadata:\n${labels}`);
}
