import { Gauge, type Registry } from 'prom-client';
import { named } from './named.ts';

/** A gauge for each of some Deployments (`namespace/name`), perhaps of several kinds. */
interface KeyedGauge<Kind extends string = string> {
  set(key: string, value: number, kind?: Kind): void;
  /** Takes back what was published of that Deployment, or of all. */
  forget(key?: string): void;
}

/** Makes such a gauge; `label` tells its kinds apart. */
export type Gauges = <Kind extends string>(name: string, help: string, label?: string) => KeyedGauge<Kind>;

/** The gauges of a registry: what is published of a Deployment is kept, so that all of it can be taken back. */
export function gaugesIn(registry: Registry): Gauges {
  return (name, help, label) => {
    const gauge = new Gauge({
      ...named(registry, name, help),
      labelNames: ['namespace', 'deployment', ...(label === undefined ? [] : [label])],
    });
    const published = new Map<string, Record<string, string>[]>();
    return {
      set: (key, value, kind) => {
        const [namespace = '', deployment = ''] = key.split('/');
        const labels = {
          namespace,
          deployment,
          ...(label === undefined || kind === undefined ? {} : { [label]: kind }),
        };
        gauge.set(labels, value);
        published.set(key, [...(published.get(key) ?? []), labels]);
      },
      forget: (key) => {
        if (key === undefined) {
          gauge.reset();
          published.clear();
          return;
        }
        for (const labels of published.get(key) ?? []) gauge.remove(labels);
        published.delete(key);
      },
    };
  };
}
