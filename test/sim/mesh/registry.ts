// What istiod knows: it follows the writes of the API server, and tells the proxies.
import { type KubeObject, type Resource, resources } from '../../../src/kube/objects.ts';
import type { SimApi, Write } from '../api/types.ts';
import { type Clusters, clustersOf, destinationRules, isSameClusters } from './clusters.ts';
import { conditionOf, type MeshPod, meshPod } from './pods.ts';
import { type Routes, routesOf } from './routes.ts';

export interface News {
  /** A Service, an endpoint or a subset came, went or changed. */
  readonly clusters: (clusters: Clusters) => void;
  readonly routes: (routes: Routes) => void;
  /** The pod does not answer any more; `isGone` where it never will. Called before anything of it changes. */
  readonly podLost: (pod: MeshPod, isGone: boolean) => void;
  /** Something is about to change. */
  readonly before: () => void;
}

export class Registry {
  readonly #api: Pick<SimApi, 'list'>;
  readonly #news: News;
  readonly #pods = new Map<string, MeshPod>();
  clusters: Clusters;
  routes: Routes;

  constructor(api: Pick<SimApi, 'list' | 'onWrite'>, news: News) {
    this.#api = api;
    this.#news = news;
    for (const pod of api.list(resources.pods)) this.#pods.set(pod.metadata.uid, meshPod(pod));
    this.clusters = this.#clusters();
    this.routes = this.#routes();
    api.onWrite((write) => this.#take(write));
  }

  #take({ resource, type, object, previous }: Write): void {
    switch (resource.plural) {
      case 'pods':
        return this.#takePod(type, object);
      case 'services':
      case 'destinationrules':
        return this.#refresh();
      case 'virtualservices':
        if (type === 'MODIFIED' && previous?.['spec'] === object['spec']) return;
        this.routes = this.#routes();
        return this.#news.routes(this.routes);
      default:
    }
  }

  #takePod(type: Write['type'], object: KubeObject): void {
    const { uid } = object.metadata;
    const pod = this.#pods.get(uid);
    if (type === 'DELETED') {
      this.#pods.delete(uid);
      if (pod === undefined) return;
      this.#change(pod, { ...pod, isReady: false, isRunning: false });
      this.#news.podLost(pod, true);
    } else if (pod === undefined) {
      const born = meshPod(object);
      this.#pods.set(uid, born);
      if (born.isReady) this.#refresh();
    } else this.#change(pod, conditionOf(object));
  }

  #change(pod: MeshPod, now: Pick<MeshPod, 'labels' | 'isReady' | 'isRunning'>): void {
    const { labels, isReady, isRunning } = pod;
    if (isReady === now.isReady && isRunning === now.isRunning && labels === now.labels) return;
    this.#news.before();
    pod.labels = now.labels;
    pod.isReady = now.isReady;
    pod.isRunning = now.isRunning;
    if (isRunning && !now.isRunning) this.#news.podLost(pod, false);
    if (isReady !== now.isReady || labels !== now.labels) this.#refresh();
  }

  #refresh(): void {
    const clusters = this.#clusters();
    if (isSameClusters(clusters, this.clusters)) return;
    this.clusters = clusters;
    this.#news.clusters(clusters);
  }

  #clusters(): Clusters {
    return clustersOf(this.#list(resources.services), this.#list(destinationRules), this.#pods.values());
  }

  #routes(): Routes {
    return routesOf(this.#list(resources.virtualServices));
  }

  #list(resource: Resource): readonly KubeObject[] {
    return this.#api.list(resource);
  }
}
