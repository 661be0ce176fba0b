#!/bin/sh
# Builds the command line from the sources in this folder's parent and puts into the folder $1 what it needs to run,
# and nothing else. What the Dockerfile and apptainer.def share; needs Node and a network.
set -eu
target=$1
cd "$(dirname "$0")/.."
pnpm() {
  npx --yes "$(node -p 'require("./package.json").packageManager')" "$@"
}
# The root brings the compiler.
pnpm install --frozen-lockfile --filter "@voxplain/cli..." --filter voxplain-workspace
pnpm --filter "@voxplain/cli..." run build
pnpm --filter @voxplain/cli deploy --prod --legacy "$target"
# ONNX Runtime's package holds binaries for every system.
here=$(node -p '`${process.platform}/${process.arch}`')
find "$target" -path "*/onnxruntime-node/bin/napi-v*/*/*" -type d -prune ! -path "*/$here" -exec rm -r {} +
# A compiler that only checks types: an optional companion of a library.
find "$target/node_modules/.pnpm" -maxdepth 1 -name "typescript@*" -exec rm -r {} +
# What is in it: a software bill of materials.
node scripts/sbom.mjs "$target/sbom.cdx.json" "$target"
