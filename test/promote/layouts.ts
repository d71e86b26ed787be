// Repositories of environments, as each kind of tool lays them out.

interface Layout {
  readonly files: Readonly<Record<string, string>>;
  /** What is found for application `web` in `production`. */
  readonly place: string;
}

/** https://github.com/jx3-gitops-repositories: a helmfile of helmfiles, one for each namespace. */
const jx3: Layout = {
  files: {
    'helmfile.yaml': `helmfiles:
- path: helmfiles/jx-staging/helmfile.yaml
- path: helmfiles/jx-production/helmfile.yaml
`,
    'helmfiles/jx-staging/helmfile.yaml': `namespace: jx-staging
releases:
- chart: dev/web
  version: 1.5.0
  name: web
`,
    'helmfiles/jx-production/helmfile.yaml': `filepath: ""
namespace: jx-production
repositories:
- name: dev
  url: https://charts.example.com
releases:
- chart: dev/web
  version: 1.4.1
  name: web
  values:
  - jx-values.yaml   # of the cluster
- chart: dev/api
  version: 1.4.1
  name: api
templates: {}
`,
    'versionStream/charts/dev/web/defaults.yaml': 'version: 1.0.0\n',
  },
  place: 'helmfile helmfiles/jx-production/helmfile.yaml: release web 1.4.1',
};

/** jx 2: one repository for each environment, a chart `env` with requirements. */
const jx2: Layout = {
  files: {
    'env/Chart.yaml': 'name: env\nversion: 0.0.1\n',
    'env/requirements.yaml': `dependencies:
- alias: expose
  name: exposecontroller
  repository: http://chartmuseum.jenkins-x.io
  version: 2.3.118
- name: web
  repository: http://jenkins-x-chartmuseum:8080
  version: 1.4.1
`,
    'env/values.yaml': 'expose:\n  config: {domain: example.com}\n',
  },
  place: 'chart env/requirements.yaml: dependency web 1.4.1',
};

const chart: Layout = {
  files: {
    'production/Chart.yaml': `apiVersion: v2
name: shop
version: 0.1.0
dependencies:
  - name: app
    alias: web
    version: "1.4.1"   # promoted by a pipeline
    repository: oci://registry.example.com/charts
  - {name: app, alias: api, version: "3.0.0", repository: oci://registry.example.com/charts}
`,
    'staging/Chart.yaml': 'name: shop\nversion: 0.1.0\ndependencies:\n- {name: web, version: 1.5.0}\n',
  },
  place: 'chart production/Chart.yaml: dependency web 1.4.1',
};

const kustomize: Layout = {
  files: {
    'base/kustomization.yaml': 'resources: [web.yaml]\n',
    'base/web.yaml':
      'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {spec: {containers: [{name: web, image: acme/web}]}}}\n',
    'overlays/staging/kustomization.yaml': 'images:\n- {name: acme/web, newTag: v9}\n',
    'overlays/production/kustomization.yaml': `resources:
- ../../base
images:
- name: acme/web # {"$imagepolicy": "apps:web"}
  newTag: '1.10'
`,
  },
  place: 'kustomize overlays/production/kustomization.yaml: image acme/web 1.10',
};

const values: Layout = {
  files: {
    'charts/web/values.yaml': 'image:\n  repository: acme/web\n  tag: latest\n',
    'charts/web/values-staging.yaml': 'image: {tag: 1.5.0}\n',
    'charts/web/values-production.yaml': 'replicas: 4\nimage: {tag: 1.4.1} # of the last release\n',
  },
  place: 'values charts/web/values-production.yaml: image.tag 1.4.1',
};

const manifests: Layout = {
  files: {
    'production/shop.yaml': `# The shop.
apiVersion: v1
kind: Service
metadata: {name: web}
---
apiVersion: apps/v1
kind: Deployment
metadata:
    name: web
spec:
    template:
        spec:
            containers:
            -   name: web
                image: "registry:5000/acme/web:1.4.1"
            -   {name: log, image: acme/log:1.4.1}
---
apiVersion: apps/v1
kind: Deployment
metadata: {name: api}
spec: {template: {spec: {containers: [{name: api, image: acme/api:1.4.1}]}}}
`,
  },
  place: 'manifests production/shop.yaml: Deployment web, container web 1.4.1',
};

export const layouts = {
  'the helmfiles of Jenkins X 3': jx3,
  'the requirements of Jenkins X 2': jx2,
  'the dependencies of a chart': chart,
  'the images of kustomize': kustomize,
  'values of a chart': values,
  'plain manifests': manifests,
} as const satisfies Readonly<Record<string, Layout>>;
