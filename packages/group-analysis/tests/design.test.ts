import { describe, expect, it } from "vitest";
import { type DesignOptions, design } from "../src/index.ts";

const row = (participant: string, session = "ses-M00", covariates: Record<string, string> = {}) => ({
  participant,
  session,
  covariates,
});

const a = [row("sub-01"), row("sub-02"), row("sub-03")];
const b = [row("sub-11"), row("sub-12")];

it("has one row per participant, whose maps are averaged", () => {
  const plan = design({ a: [...a, row("sub-01", "ses-M12")], b });
  expect(plan.rows.map(({ participant, sessions }) => [participant, ...sessions])).toEqual([
    ["sub-01", "ses-M00", "ses-M12"],
    ["sub-02", "ses-M00"],
    ["sub-03", "ses-M00"],
    ["sub-11", "ses-M00"],
    ["sub-12", "ses-M00"],
  ]);
  expect(plan.maps.map(({ source, index }) => `${source}${index}`)).toEqual([
    "a0",
    "a3",
    "a1",
    "a2",
    "b0",
    "b1",
  ]);
  expect(plan).toMatchObject({ nA: 3, nB: 2, model: { df: 3 } });
});

it("keeps all sessions as blocks of their participant", () => {
  const plan = design({ a: [...a, row("sub-01", "ses-M12")], b, repeated: "blocks" });
  expect(plan.rows).toHaveLength(6);
  expect([...plan.blocks]).toEqual([0, 0, 1, 2, 3, 4]);
});

it("pairs participant and session, and counts what has no partner", () => {
  const plan = design({
    a: [...a, row("sub-02", "ses-M12")],
    b: [row("sub-03"), row("sub-02"), row("sub-09")],
    paired: true,
  });
  expect(plan.rows.map(({ participant, a, b }) => ({ participant, a, b }))).toEqual([
    { participant: "sub-02", a: [1], b: [1] },
    { participant: "sub-03", a: [2], b: [0] },
  ]);
  expect(plan.warnings).toEqual(["3 maps have no partner in the other source and are left out"]);
});

it("centres numbers, and makes indicators of all levels of a text but the first", () => {
  const options = { covariates: ["age", "site"] };
  const rowsOf = (group: string, cells: [string, string][]) =>
    cells.map(([age, site], k) => row(`${group}-${k}`, "", { age, site }));
  const plan = design({
    ...options,
    a: rowsOf("a", [
      ["70", "Rome"],
      ["61", "Bonn"],
      ["75", "Lyon"],
    ]),
    b: rowsOf("b", [
      ["66", "Bonn"],
      ["68", "Lyon"],
      ["80", "Rome"],
    ]),
  });
  expect(plan.covariates).toEqual(["age", "site=Lyon", "site=Rome"]);
  expect(plan.rows.map(({ covariates }) => covariates[0])).toEqual([0, -9, 5, -4, -2, 10]);
  expect(plan.rows.map(({ covariates }) => covariates[1]! + 1 / 3).map(Math.round)).toEqual([
    0, 0, 1, 0, 1, 0,
  ]);
  expect(plan.model.df).toBe(1);
});

describe("is refused", () => {
  const withCells = (cells: string[], group: string, column = "age") =>
    cells.map((cell, k) => row(`${group}-${k}`, "", { [column]: cell }));

  it.each<[string, DesignOptions, string | RegExp]>([
    ["an empty group", { a: [], b }, "group A has no maps"],
    ["a session twice", { a: [...a, row("sub-02")], b }, "sub-02, ses-M00 twice"],
    [
      "a participant in both groups",
      { a, b: [...b, row("sub-03", "ses-M12")] },
      /sub-03 is in both groups.*--paired/,
    ],
    ["no pair", { a, b, paired: true }, "no participant and session in common"],
    ["pairs with one source", { a, paired: true }, "pairs need two sources"],
    ["1 + 1 rows", { a: a.slice(1, 2), b: b.slice(1) }, "1 + 1 rows leave no degree of freedom"],
    ["one row", { a: a.slice(1, 2) }, "1 rows leave no degree of freedom"],
    ["an unknown covariate", { a, b, covariates: ["iq"] }, /no covariate iq for sub-01/],
    [
      "an empty covariate",
      { a: withCells(["1", "2"], "a"), b: withCells(["3", ""], "b"), covariates: ["age"] },
      "age of b-1 is empty",
    ],
    [
      "a covariate that is n/a",
      { a: withCells(["1", "n/a"], "a"), b: withCells(["3", "4"], "b"), covariates: ["age"] },
      "age of a-1 is n/a",
    ],
    [
      "a covariate that is the group",
      {
        a: withCells(["1", "1", "1"], "a", "copy"),
        b: withCells(["5", "5"], "b", "copy"),
        covariates: ["copy"],
      },
      "the covariate copy is constant, or a linear combination",
    ],
    [
      "a constant covariate",
      { a: withCells(["x", "x"], "a"), b: withCells(["x", "x", "x"], "b"), covariates: ["age"] },
      "the covariate age is constant",
    ],
    [
      "texts that differ between sessions that are averaged",
      {
        a: [
          row("s", "1", { site: "Rome" }),
          row("s", "2", { site: "Bonn" }),
          row("u", "1", { site: "Bonn" }),
        ],
        b: [row("v", "1", { site: "Rome" }), row("w", "1", { site: "Bonn" })],
        covariates: ["site"],
      },
      "s has several values of site",
    ],
  ])("%s", (_, options, message) => {
    expect(() => design(options)).toThrow(message);
  });
});
