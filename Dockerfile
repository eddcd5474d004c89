# Two stages: the first has a compiler (better-sqlite3 is compiled when no prebuilt file can be had), the second has not.
# The image runs as an unprivileged user with a read-only root file system; everything it writes goes to /data:
#   docker build -t cordon .
#   docker run --read-only --tmpfs /tmp -v cordon-data:/data -p 8080:8080 cordon
# Your settings: -v ./cordon.yaml:/etc/cordon/cordon.yaml:ro -e CORDON_CONFIG=/etc/cordon/cordon.yaml
ARG NODE_IMAGE=docker.io/library/node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
RUN apt-get update \
  && apt-get install -y --no-install-recommends python3 make g++ \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
# The image carries Node's headers: nothing is downloaded for the compiler.
ENV npm_config_nodedir=/usr/local
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json ./
COPY src ./src
RUN npm run build && npm prune --omit=dev

FROM ${NODE_IMAGE}
WORKDIR /app
ENV NODE_ENV=production \
    CORDON_LISTEN_HOST=0.0.0.0 \
    CORDON_DATA_FOLDER=/data \
    CORDON_POLICY_FILE=/etc/cordon/policy.yaml
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY package.json ./
COPY config ./config
# A volume takes over the owner of the folder that it covers.
RUN mkdir -p /data /etc/cordon && chown 10001:10001 /data
USER 10001:10001
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.CORDON_LISTEN_PORT ?? 8080) + '/healthz').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "dist/cli.js"]
CMD ["serve"]
