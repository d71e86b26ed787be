import { istio } from './istio.ts';
import type { Router } from './router.ts';

/** What the VirtualServices say of the split. */
export const seen: Router['seen'] = (objects, target, restriction) =>
  istio.seen(objects, target, restriction);
