// The commands of the page are run by the program itself in tests/agreement; here are those that cannot be.
import { expect, it } from "vitest";
import { jobCommand } from "../../src/page/job-command.ts";
import { toyExplanation, toyModel } from "./toy-explanation.ts";

const context = { model: toyModel, kernels: true, name: "map" };
const { sources } = toyExplanation;

it("a map that depends on the other images of a list has no command, and a sentence says so", () => {
  const explanation = { ...toyExplanation, sources: { ...sources, usesOthers: true } };
  expect(jobCommand(explanation, context)).toMatch(/depends on the other images/);
});

it("a mean of images of a CAPS and of single files has no command", () => {
  const [file] = sources.images;
  if (file === undefined) throw new Error("the toy has an image");
  const images = [file, { ...file, from: { kind: "caps", path: "caps" } as const }];
  expect(jobCommand({ ...toyExplanation, sources: { ...sources, images } }, context)).toMatch(/no command/);
});

it("options have the names of the command, and names with spaces are quoted by the shell's rules", () => {
  const request = { ...toyExplanation.request, options: { noiseSigma: "0.1" }, voting: "uniform" } as const;
  const [file] = sources.images;
  if (file === undefined) throw new Error("the toy has an image");
  const odd = { ...file, from: { kind: "caps", path: "my caps" } as const };
  const command = jobCommand(
    { ...toyExplanation, request, sources: { ...sources, images: [odd, odd] } },
    { ...context, kernels: false, name: "it's 100%" },
  );
  if (typeof command === "string") throw new Error(command);
  expect(command.preparation).toContain(`> 'it'\\''s 100%.tsv'`);
  expect(command.words.join(" ")).toContain("interpret group data/network.onnx it's 100%");
  expect(command.words.join(" ")).toContain("--method_options noise_sigma=0.1 --no_kernel");
  expect(command.words.join(" ")).toContain("--voting uniform");
});
