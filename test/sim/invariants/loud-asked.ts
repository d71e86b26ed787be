import { names, resources } from '../../../src/kube/objects.ts';
import { objectAt } from '../../../src/routing/json.ts';
import { template } from './misdeeds.ts';
import { ann, leader } from './small-shop.ts';
import { tell, tellFailure } from './stories.ts';
import type { Loud } from './loud.ts';

export const asked: readonly Loud[] = [
  [
    'I8',
    'a change that is let past',
    async (shop) => {
      await tell(shop, 'held');
      shop.put(ann, resources.deployments, {
        ...shop.main,
        spec: { ...objectAt(shop.main, 'spec'), paused: false, template: template('shop:9') },
      });
    },
    /revision \w+ was accepted from ann and not held/,
  ],
  [
    'I8',
    'a change that is lost',
    async (shop) => {
      await tell(shop, 'trial');
      shop.put(leader, resources.deployments, {
        ...shop.main,
        spec: { ...objectAt(shop.main, 'spec'), template: template('shop:1') },
      });
    },
    /asked for by ann, is no longer in the Deployment/,
  ],
  [
    'I8',
    'a failure that nobody sees',
    async (shop) => {
      await tellFailure(shop);
      shop.put('kubernetes', resources.deployments, { ...shop.main, status: {} }, { subresource: 'status' });
    },
    /has failed, and its condition says/,
  ],
  [
    'I8',
    "an owner's pause that is not put back",
    async (shop) => {
      shop.put(ann, resources.deployments, {
        ...shop.main,
        spec: { ...objectAt(shop.main, 'spec'), paused: true },
      });
      await tell(shop, 'over');
    },
    /asked for by ann, lost its owner's pause/,
  ],
  [
    'I8',
    'a hold that is left on',
    async (shop) => {
      await tell(shop, 'over');
      shop.put(leader, resources.deployments, {
        ...shop.main,
        spec: { ...objectAt(shop.main, 'spec'), paused: true },
      });
    },
    /is paused, and nobody asked for that/,
  ],
  [
    'I9',
    'an object that is mutated again',
    async (shop) => {
      await tell(shop, 'held');
      const { [names.state]: _, ...annotations } = shop.main.metadata.annotations ?? {};
      shop.put(ann, resources.deployments, {
        ...shop.main,
        metadata: { ...shop.main.metadata, annotations },
      });
    },
    /is changed again when it is sent again/,
  ],
  [
    'I9',
    'a dry run that writes',
    (shop) => {
      shop.put(ann, resources.deployments, shop.main, { query: { dryRun: 'All' } });
    },
    /was written by a dry run of ann/,
  ],
  [
    'I9',
    'a webhook that writes',
    async (shop) => {
      await tell(shop, 'held');
      shop.by = { serin: 'serin-w' };
      shop.grow(1);
    },
    /was written by webhook serin-w/,
  ],
  [
    'I10',
    'a write at rest',
    async (shop) => {
      await tell(shop, 'over');
      await shop.pass(300_000);
      shop.editRoute(shop.route);
    },
    /VirtualService shop\/shop was MODIFIED by serin-a .*nothing had changed for 300 s/,
  ],
];
