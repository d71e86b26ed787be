// The review that is measured: a Deployment as teams have it, 19 kB with its old version, whose image changes.
import type { Json, JsonObject } from '../../../src/rollout/types.ts';
import { aReview } from '../../admission/reviews.ts';

const bytes = 19_000;

function deployment(image: string, padding: number): JsonObject {
  const env = Array.from({ length: 40 }, (_, index): Json => {
    return { name: `SETTING_${index}`, value: `value-${index}`.padEnd(24 + padding, 'x') };
  });
  const probe = { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 5, timeoutSeconds: 1 };
  const container: JsonObject = {
    ...{
      name: 'web',
      image,
      env,
      imagePullPolicy: 'IfNotPresent',
      terminationMessagePath: '/dev/termination-log',
    },
    ports: [{ name: 'http', containerPort: 8080, protocol: 'TCP' }],
    resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '512Mi' } },
    ...{ readinessProbe: probe, livenessProbe: probe },
    volumeMounts: [{ name: 'config', mountPath: '/etc/web', readOnly: true }],
  };
  const labels = { app: 'web', team: 'shop', 'app.kubernetes.io/part-of': 'shop' };
  const ownedFields = Object.fromEntries(
    env.map((_, index) => [`k:{"name":"SETTING_${index}"}`, { '.': {} }]),
  );
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: {
      ...{ name: 'web', namespace: 'shop', uid: '5e7b', resourceVersion: '41', generation: 7, labels },
      annotations: { 'deployment.kubernetes.io/revision': '7' },
      managedFields: [{ manager: 'kubectl', operation: 'Update', fieldsV1: { 'f:spec': ownedFields } }],
    },
    spec: {
      ...{ replicas: 3, revisionHistoryLimit: 10, selector: { matchLabels: { app: 'web' } } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: '25%', maxUnavailable: '25%' } },
      template: {
        metadata: { creationTimestamp: null, labels },
        spec: {
          ...{ containers: [container], restartPolicy: 'Always', dnsPolicy: 'ClusterFirst' },
          volumes: [{ name: 'config', configMap: { name: 'web', defaultMode: 420 } }],
        },
      },
    },
    status: {
      replicas: 3,
      updatedReplicas: 3,
      readyReplicas: 3,
      availableReplicas: 3,
      observedGeneration: 7,
    },
  };
}

function reviewWith(padding: number): string {
  return JSON.stringify(
    aReview({ object: deployment('web:2', padding), oldObject: deployment('web:1', padding) }),
  );
}

/** The body of the review, as near to 19 kB as its forty variables allow. */
export function measuredReview(): string {
  const bare = reviewWith(0);
  return reviewWith(Math.max(0, Math.round((bytes - bare.length) / 80)));
}
