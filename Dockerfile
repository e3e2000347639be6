# The container app. Three stages: what runs is Node.js, four packages, the compiled core and its host, and nothing that built them.

FROM node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts

# The compiler runs on any machine, so the build stage is the builder's own architecture; the core is the same for all of them.
FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc asconfig.json ./
RUN npm ci --ignore-scripts
COPY core core
RUN npm run -s build:core
COPY hosts/*.ts hosts/
COPY hosts/browser hosts/browser
RUN npm run -s build:page

FROM node:24-bookworm-slim
WORKDIR /app
ENV NODE_ENV=production
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/build/core.wasm /app/build/core.simd.wasm build/
COPY --from=build /app/build/page build/page
COPY package.json ./
COPY hosts/*.ts hosts/
COPY hosts/dataflow hosts/dataflow
# What Data Flow shows of the app: --build-arg METADATA="$(npm run -s metadata)".
ARG METADATA={}
LABEL org.opencontainers.image.title="timestamp-router" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.springframework.cloud.dataflow.spring-configuration-metadata.json="${METADATA}" \
      configuration-properties.inbound-ports="input" \
      configuration-properties.outbound-ports="even,odd"
# By number, so that runAsNonRoot can check it. Nothing is ever written, so the root file system may be read-only.
USER 1000:1000
EXPOSE 8080
# Exec form: the app is process 1 and gets SIGTERM itself. kafkajs sets a timer in the past when it is idle, which Node.js warns about.
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning", "hosts/dataflow/main.ts"]
