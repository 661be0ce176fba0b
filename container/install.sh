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
pnpm --filter @voxplain/cli deploy --prod --legacy --config.node-linker=hoisted "$target"
# ONNX Runtime's package holds binaries for every system.
here=$(node -p '`${process.platform}/${process.arch}`')
binaries=$target/node_modules/onnxruntime-node/bin
find "$binaries" -mindepth 3 -maxdepth 3 -type d ! -path "*/$here" -prune -exec rm -r {} +
