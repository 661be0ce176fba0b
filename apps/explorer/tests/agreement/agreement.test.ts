import { describe, expect, it } from "vitest";
import { createProgram } from "../../../../packages/cli/src/command-line/program.ts";
import { allPairs, filesOf, type Pair, pairs } from "./pairs.ts";
import { type Outcome, optionsOf, throughCommand } from "./through-command.ts";
import { type PageOutcome, throughPage } from "./through-page.ts";

/** The command computes with ONNX Runtime's kernels for this processor, as the page's engine does in these tests. */
const tolerance = 1e-4;

describe("the command and the page", () => {
  it.each(pairs.filter(({ refused }) => refused === undefined).map((pair) => [pair.claim, pair] as const))(
    "give one map: %s",
    async (_, pair) => {
      const [command, page] = await both(pair);
      if ("sentence" in command || "sentence" in page) {
        throw new Error(`the command: ${textOf(command)}; the page: ${textOf(page)}`);
      }
      expect(page.predictedClass).toBe(command.predictedClass);
      expect(page.probabilities.length).toBe(command.probabilities.length);
      for (const [k, probability] of command.probabilities.entries()) {
        expect(Math.abs(page.probabilities[k]! - probability)).toBeLessThan(tolerance);
      }
      expect(page.map.dims).toEqual(command.map.dims);
      expect(relativeError(page.map.data, command.map.data)).toBeLessThan(tolerance);
      if (command.volume !== undefined) {
        expect(relativeError(page.volume!, command.volume)).toBeLessThan(tolerance);
      }
      expect(rounded(page.affine)).toEqual(rounded(command.affine));
      expectSameCommand(page, pair);
    },
  );

  it.each(pairs.flatMap((pair) => (pair.refused ? [[pair.claim, pair.refused, pair] as const] : [])))(
    "give one sentence: %s",
    async (_, refused, pair) => {
      const [command, page] = await both(pair);
      expect(command).toEqual({ sentence: expect.stringMatching(refused) });
      expect(page).toEqual(command);
    },
  );

  it("are compared on more than 53 pairs of networks and images", () => {
    expect(new Set(allPairs.map(({ claim }) => claim)).size).toBe(allPairs.length);
    expect(allPairs.length).toBeGreaterThan(53);
  });
});

/** The command that the page shows is read by the program as the one that was run. */
function expectSameCommand({ command }: PageOutcome, pair: Pair): void {
  if (command === undefined || typeof command === "string") throw new Error(command);
  const [program, name, ...words] = command.words;
  expect([program, name, command.preparation]).toEqual(["voxplain", "explain", undefined]);
  const { operands, options } = parsed(words);
  expect(operands).toEqual(["dropped/model.onnx", `dropped/${pair.image[0]}`]);
  const run = parsed(["--use_cpu", "--output_dir", "out", ...optionsOf(pair, "dropped")]).options;
  // The page names the class that was predicted.
  expect(options).toEqual({ ...run, target: run.target ?? expect.any(Number) });
}

function parsed(words: readonly string[]) {
  const program = createProgram({ argv: [], onStatus() {}, methodOptions: undefined });
  const command = program.commands.find((one) => one.name() === "explain");
  if (command === undefined) throw new Error("there is no command explain");
  const { operands, unknown } = command.parseOptions([...words]);
  expect(unknown).toEqual([]);
  return { operands, options: command.opts() };
}

async function both(pair: Pair): Promise<readonly [Outcome, PageOutcome]> {
  const files = await filesOf(pair);
  return [await throughCommand(pair, files), await throughPage(pair, files)];
}

function textOf(outcome: Outcome): string {
  return "sentence" in outcome ? outcome.sentence : "a map";
}

/** ‖a − b‖ / ‖b‖ of all voxels. */
function relativeError(found: Float32Array, reference: Float32Array): number {
  if (found.length !== reference.length) return Number.POSITIVE_INFINITY;
  let [difference, norm] = [0, 0];
  for (const [k, value] of reference.entries()) {
    difference += (found[k]! - value) ** 2;
    norm += value ** 2;
  }
  expect(norm).toBeGreaterThan(0);
  return Math.sqrt(difference / norm);
}

/** Files hold float32. */
function rounded(affine: readonly (readonly number[])[] | undefined) {
  return affine?.flat().map((value) => Number(value.toPrecision(6)));
}
