// The shops of the demo: manifests/examples/shop.yaml as it stands, and the same without Serin for comparison.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments, stringify } from 'yaml';

export const shopFile = join(import.meta.dirname, '../../manifests/examples/shop.yaml');

/** The example shop as it stands, at that version. */
export function shop(image: string): string {
  return readFileSync(shopFile, 'utf8').replace('image: shop:1', `image: ${image}`);
}

/** The namespace's defaults: a release in well under a minute instead of the minutes that production deserves. */
export const quickPlan = `apiVersion: v1
kind: ConfigMap
metadata: {name: serin, namespace: shop}
data:
  canary.yaml: |
    analysis:
      interval: 5s
      threshold: 2
      stepWeights: [10, 30, 60]
      metrics:
      - {name: request-success-rate, thresholdRange: {min: 99}, interval: 10s}
      - {name: request-duration, thresholdRange: {max: 500}, interval: 10s}
`;

interface Labelled {
  readonly metadata: { namespace?: string; name: string; labels?: Record<string, string> };
  readonly spec?: { hosts?: string[]; servers?: { hosts: string[] }[] };
}

/** The same shop in namespace `plain`, whose label asks for nothing. */
export function plainShop(image: string): string {
  const objects = parseAllDocuments(shop(image)).map((document) => document.toJS() as Labelled);
  for (const { metadata, spec } of objects) {
    if (metadata.namespace !== undefined) metadata.namespace = 'plain';
    if (metadata.labels !== undefined) {
      metadata.name = 'plain';
      delete metadata.labels['serin.dev/mode'];
    }
    if (spec?.hosts !== undefined) spec.hosts = ['plain.example.com'];
    for (const server of spec?.servers ?? []) server.hosts = ['plain.example.com'];
  }
  return objects.map((object) => stringify(object)).join('---\n');
}
