# The tag names a version; whoever needs the very same bytes pins the digest that their registry shows for it.
ARG NODE=node:24.21.0-slim

FROM ${NODE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY src src
RUN npm run build

FROM ${NODE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --no-audit --no-fund

FROM ${NODE}
WORKDIR /app
ENV NODE_ENV=production
COPY package.json LICENSE ./
COPY --from=packages /app/node_modules node_modules
COPY --from=build /app/dist dist
# A number, since runAsNonRoot cannot tell of a name that it is not root. Nothing is written at run time.
USER 65532:65532
# Health is asked over the network: see the probes in manifests/base/deployment.yaml.
HEALTHCHECK NONE
ENTRYPOINT ["node", "/app/dist/main.js"]
