import { expect, it } from "vitest";
import { voxplain } from "../../../../packages/cli/tests/run-voxplain.ts";
import {
  type ComparisonOptionName,
  comparisonOptions,
  comparisonRequest,
} from "../../src/page/comparison-options.ts";

const names = Object.keys(comparisonOptions) as ComparisonOptionName[];

it("options of a comparison have the names, choices and defaults of voxplain compare", async () => {
  const { output } = await voxplain("compare", "--help", "all");
  const help = output.replaceAll(/\s+/g, " ");
  for (const name of names) {
    const option: { choices?: readonly string[]; default: unknown; placeholder?: string } =
      comparisonOptions[name];
    const at = help.search(new RegExp(` --${name} `));
    expect(at, name).toBeGreaterThan(0);
    const said = help.slice(at, at + 400);
    if (option.choices !== undefined) {
      expect(said, name).toContain(`choices: ${option.choices.map((one) => `"${one}"`).join(", ")}`);
    }
    const stated = /default: ([^)]+)\)/.exec(said)?.[1]?.replaceAll('"', "");
    const own = option.placeholder ?? option.default;
    if (own !== "" && own !== false) expect(stated?.replace("--", ""), name).toBe(String(own));
  }
});

it("has the request of the command where nothing was chosen", () => {
  const chosen = Object.fromEntries(names.map((name) => [name, String(comparisonOptions[name].default)]));
  const { model, options } = comparisonRequest(chosen as Record<ComparisonOptionName, string>, false);
  expect(model).toEqual({ paired: false, repeated: "mean", covariates: [], fwhm: 0 });
  expect(options).toEqual({
    ...{ values: "signed", normalize: "none", fwhm: 0, statistic: "t", alternative: "two-sided", seed: 0 },
    ...{ regionValue: "mean", connectivity: 6, tfce: { E: 0.5, H: 2 }, stopEarly: false, tail: false },
    cluster: { p: 0.001 },
  });
});
