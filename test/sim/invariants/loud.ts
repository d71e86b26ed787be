import type { Invariant } from '../types.ts';
import type { SmallShop } from './small-shop.ts';

export type Story = (shop: SmallShop) => Promise<unknown> | void;

/** A story that ends with what must not be done, and what the invariant says of it. */
export type Loud = readonly [id: Invariant['id'], what: string, story: Story, says: RegExp];
