// When a write makes a new generation, and when it makes nothing at all.
import { resources } from '../../../src/kube/objects.ts';
import type { Observation } from '../cluster.ts';
import { shop } from '../shop.ts';

const { deployments } = resources;

export const generation: readonly Observation[] = [
  {
    says: 'a Deployment is born with generation 1; an annotation makes a new one, a label does not',
    scenario: async ({ create, patch }) => {
      const born = await create(deployments, shop({ spec: { paused: true } }));
      const labelled = await patch(deployments, 'web', 'merge', { metadata: { labels: { team: 'a' } } });
      const noted = await patch(deployments, 'web', 'merge', { metadata: { annotations: { note: 'a' } } });
      return [born, labelled, noted].map(({ metadata }) => metadata.generation);
    },
    expected: [1, 1, 2],
  },
];
