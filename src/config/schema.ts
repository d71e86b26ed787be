/** What a map of the plan may hold. Every name of the schema stands in this table, and once. */
export interface Level {
  /** Fields that are read. */
  readonly known: readonly string[];
  /** Fields that mean something in Flagger and are not done here, with the sentence that says why: passing over a guard would release without it. */
  readonly refused: { readonly [name: string]: string };
  /** Fields that change nothing here, with the sentence that says so. */
  readonly noted: { readonly [name: string]: string };
}

const ownService = 'not used: the Service is yours and says it itself';
const ownRoute = 'not used: it stands in your own VirtualService or HTTPRoute, which keeps it';
const ownMetadata = 'not used: your objects keep the labels and annotations they have';
const inSecret =
  'belongs into the Secret that secretRef names: whoever reads this ConfigMap could write there in Serin’s name';
const otherRouter = 'is not edited: traffic is split by a VirtualService or an HTTPRoute';
const appMesh = 'is of App Mesh, which is not supported';
const ownNames = 'not used: the routes of Serin have names of their own';
const allPods = 'not used: traffic goes to pods that are ready, and the trial waits for all of them';

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
    'skipAnalysis',
    'suspend',
    'configTracking',
    'autoscalerRef',
    'twinScaler',
    'targetRef',
  ],
  refused: {
    alerts: 'stand under analysis, as in Flagger',
    ingressRef: otherRouter,
    routeRef: otherRouter,
    upstreamRef: otherRouter,
    metricsServer: 'is what Serin itself is started with: remove it, or give each metric a provider',
  },
  noted: {
    revertOnDeletion: 'not needed: a rollout always ends at the stable version unless it is promoted',
  },
};

/** A Canary of Flagger's, pasted in as a whole: `spec` is the plan. */
export const manifest: Level = {
  known: ['spec'],
  refused: {},
  noted: {
    apiVersion: 'read as the plan of the Deployment it stands on',
    kind: 'read as the plan of the Deployment it stands on',
    metadata: 'not used: the plan is of the Deployment it stands on',
    status: 'not used: it is what Flagger saw',
  },
};

export const service: Level = {
  known: ['name', 'port', 'hosts', 'gateways', 'gatewayRefs', 'virtualService', 'delegation'],
  refused: {
    backends: appMesh,
    meshName: appMesh,
    mirror:
      'copies all requests for ever: write it into your HTTPRoute; analysis.mirror copies them to a candidate',
  },
  noted: {
    ...{ portName: ownService, targetPort: ownService, portDiscovery: ownService, appProtocol: ownService },
    ...{ headless: ownService, trafficDistribution: ownService },
    ...{ backendTimeout: ownRoute, corsPolicy: ownRoute, headers: ownRoute, match: ownRoute },
    ...{ retries: ownRoute, rewrite: ownRoute, timeout: ownRoute },
    trafficPolicy: 'not used: it stands in your own DestinationRule, which keeps it',
    ...{ apex: ownMetadata, primary: ownMetadata, canary: ownMetadata, unmanagedMetadata: ownMetadata },
  },
};

export const virtualService: Level = { known: ['name', 'routes'], refused: {}, noted: {} };

export const gatewayRef: Level = {
  known: ['group', 'kind', 'name', 'namespace', 'sectionName', 'port'],
  refused: {},
  noted: {},
};

export const autoscalerRef: Level = {
  known: ['kind', 'name'],
  refused: {},
  noted: {
    apiVersion: 'not used: the kind says it',
    primaryScalerQueries: 'not used: the stable version keeps its scaler as it is',
    primaryScalerReplicas: 'not used: the stable version keeps its scaler as it is',
  },
};

export const twinScaler: Level = { known: ['minReplicas', 'maxReplicas'], refused: {}, noted: {} };

export const analysis: Level = {
  known: [
    'interval',
    'threshold',
    'maxWeight',
    'stepWeight',
    'stepWeights',
    'stepWeightPromotion',
    'iterations',
    'match',
    'mirror',
    'mirrorWeight',
    'sessionAffinity',
    'webhooks',
    'metrics',
    'compare',
    'alerts',
  ],
  refused: {},
  noted: { canaryReadyThreshold: allPods, primaryReadyThreshold: allPods },
};

export const sessionAffinity: Level = {
  known: [
    'cookieName',
    'primaryCookieName', // Read only to tell that it is not used, or wrong.
    'maxAge',
    'domain',
    'path',
    'sameSite',
    'secure',
    'httpOnly',
    'partitioned',
  ],
  refused: {},
  noted: {},
};

export const webhook: Level = {
  known: ['name', 'type', 'url', 'timeout', 'retries', 'muteAlert', 'disableTLS', 'metadata', 'secretRef'],
  refused: {},
  noted: {},
};

export const alert: Level = { known: ['name', 'severity', 'providerRef'], refused: {}, noted: {} };

export const providerRef: Level = { known: ['name', 'namespace'], refused: {}, noted: {} };

/** `messages.yaml` of ConfigMap `serin`. */
export const messages: Level = { known: ['receivers', 'linkTemplate', 'cluster'], refused: {}, noted: {} };

export const receiver: Level = {
  known: ['name', 'type', 'severity', 'secretRef', 'onlyNamed', 'channel', 'mode'],
  refused: { address: inSecret, url: inSecret, token: inSecret, 'hmac-key': inSecret },
  noted: {},
};

/** A condition of an HTTP route, as in Istio. */
export const match: Level = {
  known: [
    'uri',
    'scheme',
    'method',
    'authority',
    'headers',
    'withoutHeaders',
    'queryParams',
    'sourceLabels',
    'sourceNamespace',
    'gateways',
    'port',
    'ignoreUriCase',
  ],
  refused: {},
  noted: { name: ownNames, statPrefix: ownNames },
};

export const textMatch: Level = { known: ['exact', 'prefix', 'regex'], refused: {}, noted: {} };

export const compare: Level = {
  known: ['errorRate', 'latency', 'falseRollback', 'tolerance', 'objective'],
  refused: {},
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
  refused: {},
  noted: {},
};

export const provider: Level = {
  known: ['type', 'address', 'region', 'secretRef', 'headers', 'insecureSkipVerify'],
  refused: {},
  noted: {},
};

export const secretRef: Level = { known: ['name'], refused: {}, noted: {} };

export const templateRef: Level = { known: ['name', 'namespace'], refused: {}, noted: {} };

export const thresholdRange: Level = { known: ['min', 'max'], refused: {}, noted: {} };
