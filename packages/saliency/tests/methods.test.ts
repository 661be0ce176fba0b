import { gradients, methods, parseMethodOption } from "@voxplain/saliency";
import { describe, expect, it } from "vitest";

describe("methods", () => {
  it.each(Object.entries(methods))("%s documents itself and its options", (name, entry) => {
    expect(name).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
    expect(entry.summary).toMatch(/^[^.]{20,}$/);
    expect(entry.paper).toMatch(/\d{4}/);
    for (const [option, { kind, doc, choices, default: preset }] of Object.entries(entry.options)) {
      expect(option).toMatch(/^[a-z][a-zA-Z]*$/);
      expect(doc).not.toMatch(/\.$/);
      expect(choices !== undefined, `${option} is a choice`).toBe(kind === "choice");
      if (choices && preset !== undefined) expect(choices).toContain(preset);
    }
  });

  it("creates a method with its defaults", () => {
    expect(methods.gradients.create()).toBe(gradients);
  });

  it("names an option that the method does not have", () => {
    expect(() => methods.gradients.create({ steps: 3 })).toThrow('this method has no option "steps"');
  });
});

describe("parseMethodOption", () => {
  it.each([
    ["number", "0.15", 0.15],
    ["integer", "25", 25],
    ["boolean", "false", false],
    ["numbers", "8,4.5,8", [8, 4.5, 8]],
    ["text", "conv5", "conv5"],
  ] as const)("reads a %s", (kind, text, value) => {
    expect(parseMethodOption("option", { kind, doc: "" }, text)).toEqual(value);
  });

  it.each([
    ["number", "much", "a number"],
    ["number", "", "a number"],
    ["integer", "2.5", "a whole number"],
    ["boolean", "yes", "true or false"],
    ["numbers", "8,,8", "separated by commas"],
    ["image", "a.nii", "read from the file: image"],
  ] as const)("refuses for a %s the text %j", (kind, text, message) => {
    expect(() => parseMethodOption("option", { kind, doc: "" }, text)).toThrow(message);
  });

  it("names the choices", () => {
    const option = { kind: "choice", doc: "", choices: ["zero", "mean"] } as const;
    expect(parseMethodOption("baseline", option, "mean")).toBe("mean");
    expect(() => parseMethodOption("baseline", option, "black")).toThrow(
      '"black" is no value for "baseline"; it must be zero, mean',
    );
  });
});
