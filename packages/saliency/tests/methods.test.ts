import { gradients, methods, parseMethodOption } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";
import { everyMethod } from "./every-method.ts";

describe("methods", () => {
  it.each(Object.entries(everyMethod))("%s documents itself and its options", (name, entry) => {
    expect(name).toBe(entry.name);
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(entry.title).toMatch(/^[A-Z]/);
    expect(entry.summary).toMatch(/^[^.]{20,}$/);
    expect(entry.paper).toMatch(/\d{4}/);
    for (const [option, declared] of Object.entries(entry.options)) {
      const { kind, doc, choices, default: preset, otherwise, required } = declared;
      expect(option).toMatch(/^[a-z][a-zA-Z]*$/);
      expect(doc).not.toMatch(/\.$|default/);
      expect([preset, otherwise, required].filter((one) => one !== undefined).length).toBeLessThan(2);
      expect(choices !== undefined, `${option} is a choice`).toBe(kind === "choice");
      if (choices && preset !== undefined) expect(choices).toContain(preset);
    }
  });

  it("have titles of their own", () => {
    const titles = Object.values(everyMethod).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  it("say what they take", () => {
    expect(methods["expected-gradients"].takes.has("cohort")).toBe(true);
    expect(methods["integrated-gradients"].takes.has("cohort")).toBe(false);
    expect(methods.smoothgrad.takes.has("method")).toBe(true);
    expect(methods["region-occlusion"].takes.has("labels")).toBe(true);
  });

  it("create a method with its defaults", () => {
    const chosen = methods.gradients.create();
    expect(chosen.compute).toBe(gradients);
    expect(chosen).toMatchObject({ name: "gradients", needs: "gradient", isDerivative: true, seed: null });
  });

  it("record every option with its value", () => {
    const innerMethod = methods.occlusion.create({ window: [8] });
    const { options, seed } = methods.smoothgrad.create({ innerMethod, seed: 7 });
    expect(seed).toBe(7);
    expect(options).toEqual({
      inner_method: {
        ...{ method: "occlusion", window: [8], stride: null, unit: "voxels", voxel_size: null },
        ...{ score: "logit", baseline: "zero", baseline_sigma: 5, baseline_image: null, chunk_size: null },
      },
      ...{ stdev: 0.15, samples: 25, seed: 7, chunk_size: null },
    });
  });

  it("need and give what the method inside them needs and gives", () => {
    expect(methods.smoothgrad.create()).toMatchObject({ needs: "gradient", channels: "input" });
    const innerMethod = methods.occlusion.create();
    expect(methods.smoothgrad.create({ innerMethod })).toMatchObject({ needs: "forward", channels: "one" });
  });

  it("name an option that the method does not have", () => {
    const steps: object = { steps: 3 };
    expect(() => methods.gradients.create(steps)).toThrow(
      'the method gradients has no option "steps": it has no options',
    );
    expect(() => methods["grad-cam"].create(steps)).toThrow(
      'the method grad-cam has no option "steps": expected one of layer, relu',
    );
  });

  it("have options that the compiler checks", () => {
    methods["integrated-gradients"].create({ steps: 32, rule: "gauss-legendre", baseline: "blur" });
    const isTyped = (create: () => void) => expect(create).toThrow();
    // @ts-expect-error A misspelt option.
    isTyped(() => methods["integrated-gradients"].create({ step: 32 }));
    // @ts-expect-error A value of another type.
    isTyped(() => methods["integrated-gradients"].create({ steps: "32" }));
    // @ts-expect-error A value that is not among the choices.
    isTyped(() => methods["integrated-gradients"].create({ rule: "simpson" }));
    // @ts-expect-error A method that does not exist.
    isTyped(() => methods["integrated-gradient"].create({ steps: 32 }));
    // @ts-expect-error An option that is required.
    isTyped(() => methods["expected-gradients"].create({}));
    // @ts-expect-error All options, of which one is required.
    isTyped(() => methods["expected-gradients"].create());
  });
});

describe("parseMethodOption", () => {
  it.each([
    ["number", "0.15", 0.15],
    ["integer", "25", 25],
    ["boolean", "false", false],
    ["numbers", "8,4.5,8", [8, 4.5, 8]],
    ["layer", "conv5", "conv5"],
  ] as const)("reads a %s", (kind, text, value) => {
    expect(parseMethodOption("option", { kind, doc: "" }, text)).toEqual(value);
  });

  it.each([
    ["number", "much", "a number"],
    ["number", "", "a number"],
    ["integer", "2.5", "a whole number"],
    ["boolean", "yes", "true or false"],
    ["numbers", "8,,8", "separated by commas"],
    ["image", "a.nii", "image read from a file"],
  ] as const)("refuses for a %s the text %j", (kind, text, message) => {
    expect(() => parseMethodOption("option", { kind, doc: "" }, text)).toThrow(message);
  });

  it("names the choices", () => {
    const option = { kind: "choice", doc: "", choices: ["zero", "mean"] } as const;
    expect(parseMethodOption("baseline", option, "mean")).toBe("mean");
    expect(() => parseMethodOption("baseline", option, "black")).toThrow(
      '"black" is not a value of "baseline": expected one of zero, mean',
    );
  });
});
