// What Voxplain gives for a network, an image and a method or check, with the kernels and without them.
import { tensor } from "@voxplain/core";
import { directory } from "@voxplain/core/node";
import { openImageNetwork } from "@voxplain/model-loader";
import { nodeRuntime } from "@voxplain/runtime-node";
import {
  differentiableModel,
  infidelity,
  lrp,
  maxSensitivity,
  methods,
  parameterRandomization,
} from "@voxplain/saliency";

/**
 * Maps by method and options, each computed once, and how many of the first blocks kernels computed for it.
 * @param {ReturnType<import("./reference.mjs").openReference>} reference
 */
export async function ourMaps(reference, name, kernels) {
  const { target, dims } = reference.networks[name];
  const file = await openImageNetwork(directory(reference.folder), `${name}.onnx`);
  const network = file.network({ inputDims: dims });
  const { runtime, blocksSince } = watched(nodeRuntime({ executionProvider: "cpu", threads: 1, kernels }));
  const model = differentiableModel(network, runtime);
  const input = tensor("float32", [1, ...dims], reference.float32(`${name}-x`));
  const gradients = methods.gradients.create().compute;

  async function compute({ method, options }) {
    switch (method) {
      case "parameter-randomization":
        return valuesOf(await parameterRandomization(network, runtime, gradients, input, target, options));
      case "max-sensitivity":
        return valuesOf(await maxSensitivity(model, gradients, input, target, options));
      case "infidelity": {
        const { map } = await gradients(model, input, target);
        return valuesOf(await infidelity(model, map, input, target, options));
      }
    }
    const given = optionsFrom(reference, name, options);
    // The entry's options are those of the command line, which takes names of composites only.
    const chosen = typeof given.composite === "object" ? lrp(given) : methods[method].create(given).compute;
    return (await chosen(model, input, target)).map.data.slice();
  }

  const known = new Map();
  return {
    async mapOf({ method, options }) {
      const key = JSON.stringify([method, options]);
      if (!known.has(key)) {
        blocksSince();
        const data = await compute({ method, options });
        known.set(key, { data, blocks: blocksSince() });
      }
      return known.get(key);
    },
    release: () => model.release(),
  };
}

/** The runtime, and how many blocks its kernels computed in a pass, at most, since it was asked last. */
function watched(runtime) {
  let most = 0;
  const createSession = async (...given) => {
    const session = await runtime.createSession(...given);
    const run = (...feeds) => {
      most = Math.max(most, session.kernels?.forward.length ?? 0);
      return session.run(...feeds);
    };
    return { ...session, run };
  };
  const blocksSince = () => {
    const found = most;
    most = 0;
    return found;
  };
  return { runtime: { ...runtime, createSession }, blocksSince };
}

const valuesOf = ({ rows }) => Float64Array.from(rows, ({ value }) => value);

/** Options as a program gives them: images in place of their names. */
function optionsFrom(reference, name, { baselineImage, references, labels, innerMethod, ...values }) {
  const { dims, references: count } = reference.networks[name];
  const image = (file, at = 0) => {
    const length = dims.reduce((a, b) => a * b);
    return tensor(
      "float32",
      dims,
      reference.float32(`${name}-${file}`).slice(at * length, (at + 1) * length),
    );
  };
  const cohort = { length: count, read: async (k) => image("references", k) };
  return {
    ...values,
    ...(innerMethod && { innerMethod: methods[innerMethod].create({}) }),
    ...(baselineImage && { baselineImage: image(baselineImage) }),
    ...(references && { references: cohort }),
    ...(labels && { labels: tensor("int32", dims.slice(1), reference.int32(`${name}-labels`)) }),
  };
}
