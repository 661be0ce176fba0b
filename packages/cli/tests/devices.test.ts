import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { DeviceReport } from "@voxplain/core";
import { nodeDevices } from "@voxplain/runtime-node";
import { describe, expect, it } from "vitest";
import { problemsWith } from "../../../tests/result-schemas.ts";
import { chooseRuntime, firstGpu } from "../src/device.ts";
import { voxplain } from "./run-voxplain.ts";

const model = fileURLToPath(new URL("../../../sample/models/random_small", import.meta.url));
/** Where nothing is written: each of these jobs is refused. */
const output = join(tmpdir(), "voxplain-refused");

const report = (executionProvider: DeviceReport["executionProvider"], usable: boolean, software = false) => ({
  executionProvider,
  usable,
  software,
  detail: "",
});

describe("without --use_cpu and --device", () => {
  it.each([
    ["CUDA where it works", [report("cuda", true), report("webgpu", true)], "cuda"],
    ["WebGPU where CUDA does not", [report("cuda", false), report("webgpu", true)], "webgpu"],
    [
      "nothing where the processor imitates a card",
      [report("cuda", false), report("webgpu", true, true)],
      undefined,
    ],
    ["nothing where there is nothing", [report("cuda", false), report("webgpu", false)], undefined],
  ])("it is %s", (_, devices, expected) => expect(firstGpu(devices)).toBe(expected));

  it("a folder without a model is reported before a missing GPU", async () => {
    const { status, errors } = await voxplain("interpret", "group", `${tmpdir()}/no-model`, "name");
    expect(status).toBe(1);
    expect(errors).toBe(`voxplain: there is no model folder at ${tmpdir()}/no-model\n`);
  });

  it("explain too names the files that are missing first", async () => {
    const { status, errors } = await voxplain("explain", `${tmpdir()}/none.onnx`, `${tmpdir()}/none.npy`);
    expect(status).toBe(1);
    expect(errors).toBe(
      `voxplain: there are 2 problems:\n  there is no file ${tmpdir()}/none.npy (image)\n` +
        `  there is no file ${tmpdir()}/none.onnx (model)\n`,
    );
  });

  it("on a machine without a GPU the error says what to do", async () => {
    if (firstGpu(await nodeDevices(["cuda", "webgpu"])) !== undefined) return;
    const { status, errors } = await voxplain("interpret", "group", model, "name", "--output_dir", output);
    expect(status).toBe(1);
    expect(errors).toBe(
      "voxplain: no GPU is available; run on the CPU (--use_cpu), or see why (voxplain inspect --devices)\n",
    );
  });
});

describe("--device", () => {
  it("names the device that computes", async () => {
    expect((await chooseRuntime({ use_cpu: false, device: "cpu" })).executionProvider).toBe("cpu");
    expect((await chooseRuntime({ use_cpu: true, device: "cpu" })).executionProvider).toBe("cpu");
  });

  it("is an error where it cannot be used; nothing stands in for it", async () => {
    // No platform has both.
    const elsewhere = process.platform === "win32" ? "coreml" : "dml";
    const { status, errors } = await voxplain(
      "predict",
      model,
      "--device",
      elsewhere,
      "--output_dir",
      output,
    );
    expect(status).toBe(1);
    expect(errors).toMatch(new RegExp(`^voxplain: ${elsewhere} cannot be used here: .* only, and this is`));
  });

  it("contradicts --use_cpu where it is another one", async () => {
    const { status, errors } = await voxplain(
      "predict",
      model,
      "--use_cpu",
      "--device",
      "cuda",
      "--output_dir",
      output,
    );
    expect(status).not.toBe(0);
    expect(errors).toContain("--use_cpu and --device cuda exclude each other");
  });

  it("is one of a list", async () => {
    const { status, errors } = await voxplain("predict", "model", "--device", "tpu");
    expect(status).toBe(2);
    expect(errors).toContain("cpu, cuda, webgpu, dml, coreml");
  });
});

describe("voxplain inspect --devices", () => {
  it("lists every device, and why it cannot be used", async () => {
    const { status, output } = await voxplain("inspect", "--devices");
    expect(status).toBe(0);
    const lines = output.trimEnd().split("\n");
    expect(lines.map((line) => line.split(/ +/, 1)[0])).toEqual(["cpu", "cuda", "webgpu", "dml", "coreml"]);
    expect(lines[0]).toMatch(/^cpu +yes +\d+ cores?, /);
    for (const line of lines) expect(line).toMatch(/^\w+ +(yes|no) +\S/);
  });

  it("is data with --json", async () => {
    const { output } = await voxplain("inspect", "--devices", "--json");
    expect(JSON.parse(output)[0]).toMatchObject({ device: "cpu", usable: true, software: false });
    expect(problemsWith("inspect", JSON.parse(output))).toEqual([]);
  });

  it("is not asked for by a forgotten model folder", async () => {
    const { status, errors } = await voxplain("inspect");
    expect(status).toBe(2);
    expect(errors).toContain("missing required argument 'model_path'");
  });
});
