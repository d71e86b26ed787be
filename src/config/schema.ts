/** What a map of the plan may hold. Every name of the schema stands in this table, and once. */
export interface Level {
  /** Fields that are read. */
  readonly known: readonly string[];
  /** Fields that mean something in Flagger or will in Serin: refused, since passing over a gate would release without it. */
  readonly refused: readonly string[];
  /** Fields that change nothing here, with the sentence that says so. */
  readonly noted: { readonly [name: string]: string };
}

const ownService = 'not used: the Service is yours and says it itself';

export const plan: Level = {
  known: [
    'enable',
    'enabled',
    'service',
    'analysis',
    'canaryAnalysis',
    'progressDeadlineSeconds',
    'onFailure',
    'promotion',
    'provider',
    'targetRef',
  ],
  refused: [
    'alerts',
    'autoscalerRef',
    'ingressRef',
    'metricsServer',
    'routeRef',
    'skipAnalysis',
    'suspend',
    'upstreamRef',
  ],
  noted: {
    revertOnDeletion: 'not needed: a rollout always ends at the stable version unless it is promoted',
  },
};

export const service: Level = {
  known: ['name', 'port', 'hosts', 'gateways', 'virtualService'],
  refused: [
    'apex',
    'appProtocol',
    'backendTimeout',
    'backends',
    'canary',
    'corsPolicy',
    'delegation',
    'gatewayRefs',
    'headers',
    'headless',
    'match',
    'meshName',
    'mirror',
    'primary',
    'retries',
    'rewrite',
    'timeout',
    'trafficDistribution',
    'trafficPolicy',
    'unmanagedMetadata',
  ],
  noted: { portName: ownService, targetPort: ownService, portDiscovery: ownService },
};

export const virtualService: Level = { known: ['name', 'routes'], refused: [], noted: {} };

export const analysis: Level = {
  known: ['interval', 'threshold', 'maxWeight', 'stepWeight', 'stepWeights', 'metrics', 'compare'],
  refused: [
    'alerts',
    'canaryReadyThreshold',
    'iterations',
    'match',
    'mirror',
    'mirrorWeight',
    'primaryReadyThreshold',
    'sessionAffinity',
    'stepWeightPromotion',
    'webhooks',
  ],
  noted: {},
};

export const compare: Level = {
  known: ['errorRate', 'latency', 'falseRollback', 'tolerance', 'objective'],
  refused: [],
  noted: {},
};

export const metric: Level = {
  known: [
    'name',
    'interval',
    'threshold',
    'thresholdRange',
    'query',
    'provider',
    'templateRef',
    'templateVariables',
  ],
  refused: [],
  noted: {},
};

export const provider: Level = {
  known: ['type', 'address', 'region', 'secretRef', 'headers', 'insecureSkipVerify'],
  refused: [],
  noted: {},
};

export const secretRef: Level = { known: ['name'], refused: [], noted: {} };

export const templateRef: Level = { known: ['name', 'namespace'], refused: [], noted: {} };

export const thresholdRange: Level = { known: ['min', 'max'], refused: [], noted: {} };
