import { eager, tensor } from "@voxplain/core";
import type { Checkpoint, CheckpointValue } from "@voxplain/torch-checkpoint";
import { describe, expect, it } from "vitest";
import { chooseWeights } from "../src/choose-weights.ts";
import { buildNetwork, type StateDict } from "../src/index.ts";
import { networkFixture } from "./network-fixtures.ts";

const { settings, stateDict, inputDims, logits } = networkFixture("random_3d_batch_pool");

const weights = (rename = (key: string) => key) =>
  new Map<CheckpointValue, CheckpointValue>([...stateDict].map(([key, weight]) => [rename(key), weight]));
const holding = (entries: Readonly<Record<string, CheckpointValue>>): Checkpoint => ({
  format: "zip",
  root: new Map<CheckpointValue, CheckpointValue>(Object.entries(entries)),
});
const choose = (checkpoint: Checkpoint) => chooseWeights(checkpoint, settings, inputDims);

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
    (key) => {
      const found = choose(holding({ epoch: 3, optimizer: new Map(), [key]: weights() }));
      expect(found.keys).toEqual([key]);
      expect(found.tensors.size).toBe(stateDict.size);
    },
  );

  it("below two keys", () => {
    expect(choose(holding({ checkpoint: new Map([["state_dict", weights()]]) })).keys).toEqual([
      "checkpoint",
      "state_dict",
    ]);
  });

  it("where the checkpoint is nothing else", () => {
    expect(choose({ format: "zip", root: weights() }).keys).toEqual([]);
  });

  it("beside one that does not fit", () => {
    const discriminator = weights((key) => `other.${key}.x`);
    expect(choose(holding({ discriminator, generator: weights() })).keys).toEqual(["generator"]);
  });

  it("that comes nearest where none fits", () => {
    const [first = ""] = stateDict.keys();
    const nearly = weights((key) => (key === first ? "renamed" : key));
    expect(
      choose(holding({ discriminator: weights((key) => `other.${key}.x`), model: nearly })).keys,
    ).toEqual(["model"]);
  });
});

describe("a checkpoint is refused", () => {
  it("that holds two state dicts that fit, naming both", () => {
    expect(() => choose(holding({ model: weights(), model_ema: weights() }))).toThrow(
      'the checkpoint holds 2 state dicts that fit the network: "model", "model_ema"; save the one to be explained alone: ' +
        'torch.save({"model": torch.load(path)["model"]}, path)',
    );
  });

  it("that holds none, saying what it holds", () => {
    expect(() => choose(holding({ epoch: 3 }))).toThrow('found "epoch"');
  });
});
