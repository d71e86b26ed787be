// What istiod knows: it follows the writes of the API server, and tells the proxies.
import type { KubeObject } from '../../../src/kube/objects.ts';
import { kinds } from '../api/kinds.ts';
import type { SimApi, Write } from '../api/types.ts';
import { type Clusters, clustersOf, isSameClusters } from './clusters.ts';
import { withHttpRoutes } from './http-routes.ts';
import { conditionOf, type MeshPod, meshPod } from './pods.ts';
import { type Routes, routesOf } from './routes.ts';

export interface Listeners {
  /** A Service, an endpoint or a subset came, went or changed. */
  readonly clusters: (clusters: Clusters) => void;
  readonly routes: (routes: Routes, clusters: Clusters) => void;
  /** The pod does not answer any more. */
  readonly podLost: (pod: MeshPod) => void;
  /** It never will again. */
  readonly podGone: (pod: MeshPod) => void;
  /** A pod is about to change. */
  readonly before: () => void;
}

export class Registry {
  readonly #api: Pick<SimApi, 'list'>;
  readonly #news: Listeners;
  readonly #pods = new Map<string, MeshPod>();
  clusters: Clusters;
  routes: Routes;

  constructor(api: Pick<SimApi, 'list' | 'onWrite'>, news: Listeners) {
    this.#api = api;
    this.#news = news;
    for (const pod of api.list(kinds.pods)) this.#pods.set(pod.metadata.uid, meshPod(pod));
    this.clusters = this.#clusters();
    this.routes = this.#routes();
    api.onWrite((write) => this.#take(write));
  }

  #take({ resource, type, object, previous }: Write): void {
    switch (resource.plural) {
      case 'pods':
        return this.#takePod(type, object);
      case 'services':
      case 'endpointslices':
      case 'destinationrules':
        return this.#refresh();
      case 'virtualservices':
      case 'httproutes':
      case 'grpcroutes':
        if (type === 'MODIFIED' && previous?.['spec'] === object['spec']) return;
        this.routes = this.#routes();
        return this.#news.routes(this.routes, this.clusters);
      default:
    }
  }

  /** One that is gone is kept: a slice may name it still, and then proxies know it. */
  #takePod(type: Write['type'], object: KubeObject): void {
    const { uid } = object.metadata;
    const pod = this.#pods.get(uid);
    if (pod === undefined) this.#pods.set(uid, meshPod(object));
    else if (type === 'DELETED') {
      this.#change(pod, { ...pod, isRunning: false });
      this.#news.podGone(pod);
    } else this.#change(pod, conditionOf(object));
  }

  #change(pod: MeshPod, now: Pick<MeshPod, 'labels' | 'isRunning'>): void {
    const was = { ...pod };
    if (was.isRunning === now.isRunning && was.labels === now.labels) return;
    this.#news.before();
    pod.labels = now.labels;
    pod.isRunning = now.isRunning;
    if (was.isRunning && !now.isRunning) this.#news.podLost(pod);
    if (was.labels !== now.labels) this.#refresh(); // it may be of another subset now
  }

  #refresh(): void {
    const clusters = this.#clusters();
    if (isSameClusters(clusters, this.clusters)) return;
    this.clusters = clusters;
    this.#news.clusters(clusters);
  }

  #clusters(): Clusters {
    return clustersOf({
      services: this.#api.list(kinds.services),
      slices: this.#api.list(kinds.endpointSlices),
      destinationRules: this.#api.list(kinds.destinationRules),
      podOf: (uid) => this.#pods.get(uid),
    });
  }

  #routes(): Routes {
    const ofGateway = [kinds.httpRoutes, kinds.grpcRoutes].flatMap((kind) => this.#api.list(kind));
    return withHttpRoutes(routesOf(this.#api.list(kinds.virtualServices)), ofGateway);
  }
}
