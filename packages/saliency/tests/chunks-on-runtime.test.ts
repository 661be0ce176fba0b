import { differentiableModel } from "@voxplain/saliency";
import { afterAll, describe, expect, it } from "vitest";
import { directRuntime } from "../../../tests/direct-runtime.ts";
import { everyMethod, fewPasses } from "./every-method.ts";
import { inputsOf, networkOf, readMethodFixtures, referencesOf, relativeError } from "./method-fixtures.ts";

const { target, suites } = readMethodFixtures();
const runtime = directRuntime();

describe.each(suites)("on $network in ONNX Runtime", (suite) => {
  const model = differentiableModel(networkOf(suite), runtime);
  const cohort = referencesOf(suite);
  const references = { length: cohort.length, read: async (index: number) => cohort[index]! };
  afterAll(() => model.release());

  const chunked = Object.entries(everyMethod).filter(([, { options }]) => "chunkSize" in options);
  it.each(chunked)(
    "%s: the same bits again, and but for rounding the same in other chunks",
    async (_, entry) => {
      const few = fewPasses(entry, references);
      const options = {
        ...few,
        ...("cell" in few && { cell: [4] }),
        ...("window" in few && { window: [4] }),
      };
      const mapWith = async (chunkSize: number) => {
        const { compute } = entry.create({ ...options, chunkSize });
        return (await compute(model, inputsOf(suite), target)).map.data;
      };
      const first = await mapWith(3);
      expect(await mapWith(3)).toEqual(first);
      // Kernels for one row and for several sum in another order: 1e-7 of a logit, and more of small differences.
      for (const chunkSize of [1, 32])
        expect(relativeError(await mapWith(chunkSize), first)).toBeLessThan(1e-5);
    },
  );
});
