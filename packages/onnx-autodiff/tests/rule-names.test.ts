import { expect, it } from "vitest";
import { type GradientRules, gradientRules, none, unary } from "../src/index.ts";

it("a rule for an operator that does not exist does not compile", () => {
  const rules: GradientRules = {
    ...gradientRules,
    Relu: unary((g, dy) => g.emit("Relu", [dy])),
    // @ts-expect-error
    Relo: none,
  };
  expect(rules.Relu).not.toBe(gradientRules.Relu);
});

it("a rule that writes a node of an operator that does not exist does not compile", () => {
  // @ts-expect-error
  const rule = unary((g, dy) => g.emit("Multiply", [dy, dy]));
  expect(rule).toBeTypeOf("function");
});
