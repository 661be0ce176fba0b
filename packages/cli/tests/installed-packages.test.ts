import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { packages } from "../src/installed-packages.ts";

it("the versions that a result records are those of every package that the command depends on", () => {
  const manifest: { dependencies: Record<string, string> } = JSON.parse(
    readFileSync(new URL("../package.json", import.meta.url), "utf8"),
  );
  const own = Object.keys(manifest.dependencies).filter((name) => name.startsWith("@voxplain/"));
  expect(packages.map((name) => `@voxplain/${name}`)).toEqual(expect.arrayContaining(own));
});
