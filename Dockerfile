# The voxplain command, on the CPU. docker build --tag voxplain . && docker run --rm voxplain doctor
FROM node:22-bookworm-slim AS build
WORKDIR /build
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml tsconfig.base.json LICENSE CITATION.cff ./
COPY container container
COPY packages packages
COPY scripts scripts
RUN container/install.sh /opt/voxplain

FROM node:22-bookworm-slim
LABEL org.opencontainers.image.title="voxplain" \
      org.opencontainers.image.description="Attribution maps of brain-MRI networks" \
      org.opencontainers.image.licenses="MIT"
COPY --from=build /opt/voxplain /opt/voxplain
RUN ln -s /opt/voxplain/bin/voxplain.js /usr/local/bin/voxplain
# The user "node" of the base image; docker run --user "$(id -u):$(id -g)" works as well.
USER node
# A gradient that is wrong here ends the build.
RUN voxplain doctor
WORKDIR /data
ENTRYPOINT ["voxplain"]
CMD ["--help"]
