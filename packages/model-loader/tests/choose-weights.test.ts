import { eager, type LazyTensor, tensor } from "@voxplain/core";
import type { Checkpoint, CheckpointValue } from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";
import { chooseWeights } from "../src/checkpoints/choose-weights.ts";
import { buildNetwork, type StateDict } from "../src/index.ts";
import { networkFixture } from "./network-fixtures.ts";

const { settings, stateDict, inputDims, logits } = networkFixture("random_3d_batch_pool");

const weights = (rename = (key: string) => key) =>
  new Map<CheckpointValue, CheckpointValue>([...stateDict].map(([key, weight]) => [rename(key), weight]));
const holding = (entries: Readonly<Record<string, CheckpointValue>>): Checkpoint => ({
  format: "zip",
  root: new Map<CheckpointValue, CheckpointValue>(Object.entries(entries)),
});
const choose = (checkpoint: Checkpoint, weightsKey?: string) =>
  chooseWeights(checkpoint, settings, inputDims, weightsKey);

/** The same network after another step of the training: one number is another. */
async function stepped(rename?: (key: string) => string) {
  const changed = weights(rename);
  const [key = ""] = changed.keys() as Iterable<string>;
  const [first] = stateDict.values();
  const { data, dims } = await first!.read();
  const values = Float32Array.from(data as Float32Array);
  values[0] = values[0]! + 0.5;
  return changed.set(key, eager(tensor("float32", dims, values)));
}
/** The same numbers in other tensors. */
async function copied() {
  const entries = await Promise.all(
    [...weights()].map(async ([key, one]) => [key, eager(await (one as LazyTensor).read())] as const),
  );
  return new Map<CheckpointValue, CheckpointValue>(entries);
}

describe("a network's own weights are found under the prefixes of wrappers:", () => {
  it.each([
    ["DataParallel", "module."],
    ["torch.compile", "_orig_mod."],
    ["DataParallel of a compiled network", "module._orig_mod."],
    ["a compiled DataParallel", "_orig_mod.module."],
    ["two of them", "module.module._orig_mod."],
    ["FSDP with activation checkpointing", "_fsdp_wrapped_module._checkpoint_wrapped_module."],
    ["a module of Lightning", "model."],
    ["a compiled network in a module of Lightning", "net._orig_mod."],
  ])("%s", (_, prefix) => {
    const { model, classCount } = buildNetwork(
      settings,
      weights((key) => prefix + key) as StateDict,
      inputDims,
    );
    expect([...model.graph.initializers.keys()]).toEqual(
      expect.arrayContaining([...stateDict.keys()].slice(0, 2)),
    );
    expect(classCount).toBe(logits.length);
  });

  it("a compiled part of a network", () => {
    const renamed = weights((key) => key.replace(/^features\./, "features._orig_mod."));
    expect(buildNetwork(settings, renamed as StateDict, inputDims).classCount).toBe(logits.length);
  });

  it("an average of models, with its count", () => {
    const averaged = new Map([...weights((key) => `module.${key}`)]);
    averaged.set("n_averaged", eager(tensor("int64", [], BigInt64Array.of(5n))));
    expect(buildNetwork(settings, averaged as StateDict, inputDims).classCount).toBe(logits.length);
  });

  it("and refused where two keys would be one", () => {
    const [key = ""] = stateDict.keys();
    const both = new Map([...stateDict, [`module.${key}`, stateDict.get(key)!] as const]);
    expect(() => buildNetwork(settings, both, inputDims)).toThrow(
      `the weights "${key}" and "module.${key}" would both be ${key}`,
    );
  });
});

describe("the state dict of a checkpoint is found", () => {
  it.each(["model", "state_dict", "model_state_dict", "net", "network", "weights", "anything"])(
    'below "%s"',
    async (key) => {
      const found = await choose(holding({ epoch: 3, optimizer: new Map(), [key]: weights() }));
      expect(found.keys).toEqual([key]);
      expect(found.tensors.size).toBe(stateDict.size);
    },
  );

  it("below two keys", async () => {
    expect((await choose(holding({ checkpoint: new Map([["state_dict", weights()]]) }))).keys).toEqual([
      "checkpoint",
      "state_dict",
    ]);
  });

  it("where the checkpoint is nothing else", async () => {
    expect((await choose({ format: "zip", root: weights() })).keys).toEqual([]);
  });

  it("beside one that does not fit", async () => {
    const discriminator = weights((key) => `other.${key}.x`);
    expect((await choose(holding({ discriminator, generator: weights() }))).keys).toEqual(["generator"]);
  });

  it("that comes nearest where none fits", async () => {
    const [first = ""] = stateDict.keys();
    const nearly = weights((key) => (key === first ? "renamed" : key));
    const discriminator = weights((key) => `other.${key}.x`);
    expect((await choose(holding({ discriminator, model: nearly }))).keys).toEqual(["model"]);
  });

  it("in a module beside others, such as the loss and the metrics of a Lightning module", async () => {
    const module = weights((key) => `net.${key}`);
    module.set("criterion.weight", eager(tensor("float32", [2], Float32Array.of(1, 2))));
    for (const key of ["tp", "fp", "fn"])
      module.set(`metrics.${key}`, eager(tensor("float32", [1], Float32Array.of(1))));
    const found = await choose(holding({ state_dict: module }));
    expect(found.keys).toEqual(["state_dict", "net"]);
    expect([...found.tensors.keys()]).toEqual([...stateDict.keys()]);
  });

  it("in modules of modules, with wrappers between them", async () => {
    const found = await choose(
      holding({
        state_dict: new Map([
          ...weights((key) => `module.model._orig_mod.backbone.net.${key}`),
          ...weights((key) => `module.model.head.${key}.x`),
        ]),
      }),
    );
    expect(found.keys).toEqual(["state_dict", "model", "backbone"]);
    expect(buildNetwork(settings, found.tensors, inputDims).classCount).toBe(logits.length);
  });

  it("that is there twice with the same numbers, the first of the two", async () => {
    expect((await choose(holding({ model: weights(), best: await copied() }))).keys).toEqual(["model"]);
  });

  it.each(["ema", "model_ema", "state_dict_ema", "ema_state_dict"])("of averages alone: %s", async (key) => {
    expect((await choose(holding({ model: new Map(), [key]: weights() }))).keys).toEqual([key]);
  });
});

describe("a key chooses", () => {
  it("one of the state dicts that fit", async () => {
    const checkpoint = holding({ model: weights(), model_ema: await stepped() });
    const found = await choose(checkpoint, "model_ema");
    expect(found.keys).toEqual(["model_ema"]);
    const [first] = found.tensors.values();
    const [other] = stateDict.values();
    expect((await first!.read()).data[0]).toBe(((await other!.read()).data[0] as number) + 0.5);
  });

  it("what is below further keys", async () => {
    const ema = new Map<CheckpointValue, CheckpointValue>([
      ["decay", 0.999],
      ["module", await stepped()],
    ]);
    expect((await choose(holding({ model: weights(), ema }), "ema")).keys).toEqual(["ema", "module"]);
    expect((await choose(holding({ model: weights(), ema }), "ema.module")).keys).toEqual(["ema", "module"]);
  });

  it("one of the modules of a state dict", async () => {
    const both = new Map([
      ...weights((key) => `online_model.${key}`),
      ...(await stepped((key) => `ema_model.${key}`)),
    ]);
    const checkpoint = holding({ state_dict: both });
    await expect(choose(checkpoint)).rejects.toThrow(
      "2 state dicts that fit the network and differ: state_dict.online_model, state_dict.ema_model; choose one of them by " +
        "its key (--weights_key state_dict.ema_model)",
    );
    expect((await choose(checkpoint, "state_dict.online_model")).keys).toEqual([
      "state_dict",
      "online_model",
    ]);
    await expect(choose(checkpoint, "state_dict")).rejects.toThrow(
      "2 state dicts that fit the network and differ",
    );
  });

  it("the checkpoint itself", async () => {
    const root = new Map([...weights(), ["ema", await stepped()] as const]);
    await expect(choose({ format: "zip", root })).rejects.toThrow("and differ: ., ema; choose");
    expect((await choose({ format: "zip", root }, ".")).keys).toEqual([]);
  });

  it("a state dict that does not fit, so that what is wrong with it is named", async () => {
    const wrong = weights((key) => `other.${key}.x`);
    expect((await choose(holding({ model: weights(), wrong }), "wrong")).keys).toEqual(["wrong"]);
  });

  it("nothing where nothing is below it, with what there is", async () => {
    await expect(choose(holding({ model: weights(), ema: weights() }), "shadow")).rejects.toThrow(
      'the checkpoint has no weights below "shadow": found model, ema',
    );
  });
});

describe("a checkpoint is refused", () => {
  it("that holds two state dicts that fit and differ, naming both", async () => {
    await expect(choose(holding({ model: weights(), model_ema: await stepped() }))).rejects.toThrow(
      "the checkpoint holds 2 state dicts that fit the network and differ: model, model_ema; choose one of them by its key " +
        "(--weights_key model_ema)",
    );
  });

  it("that holds several networks as modules", async () => {
    const ensemble = new Map([
      ...weights((key) => `nets.0.${key}`),
      ...(await stepped((key) => `nets.1.${key}`)),
    ]);
    await expect(choose({ format: "zip", root: ensemble })).rejects.toThrow("and differ: nets.0, nets.1;");
  });

  it("that holds none, saying what it holds", async () => {
    await expect(choose(holding({ epoch: 3 }))).rejects.toThrow('found "epoch"');
  });
});
