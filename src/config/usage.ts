/** What `serin --help` says. */
export const usage = `serin: transparent canaries for plain Kubernetes Deployments

  serin webhook      answers admission: holds template changes
    --port 8443                  where HTTPS is served
    --issuer serin               who writes Secret serin-certs: serin, or external, such as cert-manager
  serin controller   runs the held versions as canaries
    --prometheus-url URL         the Prometheus that has Istio's metrics (required)
    --prometheus-secret NAME     a Secret of Serin's own namespace with username and password, token, ca.crt,
                                 tls.crt and tls.key, header.NAME: what Prometheus is asked with
    --settle 5s                  how long every proxy may take to learn of new routes and endpoints
    --scrape 2s                  asks the pods' Istio proxies themselves, so often, while a canary is on trial
    --scrape-port 15090          where they serve /stats/prometheus
    --otlp-url URL               the OpenTelemetry collector (OTLP over HTTP) that gets a trace of each rollout, such
                                 as http://collector:4318; OTEL_EXPORTER_OTLP_ENDPOINT says the same
    --port 8080                  where health and metrics are served
  serin chatops      answers /canary in the comments of pull and merge requests (docs/chatops.md)
    --settings FILE              the forges, who is who, and which rollouts are of which repository (required)
    --port 8080                  where webhooks, health and metrics are served
  serin canary       kubectl canary, where it is not installed as a plugin (docs/plugin.md)
  serin promote      writes a version where an environment is described, and follows it (docs/promote.md)
  serin certs        puts the webhook's certificates in order once
    --out DIR                    writes local development certificates there instead
  serin uninstall    ends every rollout at stable and waits for it; then the manifests can be deleted
    --timeout 5m                 how long to wait

  --log-level info   trace, debug, info, warn, error, fatal
  --help
  POD_NAMESPACE and POD_NAME say where it runs (serin-system, the host's name).
`;
