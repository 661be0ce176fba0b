// The software bill of materials that releases and the container have.
import { expect, it } from "vitest";
import { billOfMaterials } from "../scripts/sbom.mjs";
import { packages } from "./workspace.ts";

const { metadata, components, dependencies } = billOfMaterials();

it("names the command line, what it depends on, and how these depend on each other", () => {
  expect(metadata.component).toMatchObject({ type: "application", name: "@voxplain/cli" });
  const cli = packages.find(({ folder }) => folder === "cli")!.manifest;
  const names = components.map(({ name }) => name);
  const direct = Object.keys({ ...cli.dependencies, ...cli.optionalDependencies });
  expect(names).toEqual(expect.arrayContaining([...direct, "onnxruntime-common", "@voxplain/kernels"]));
  const refs = [metadata.component, ...components].map((one) => one["bom-ref"]);
  expect(dependencies.map(({ ref }) => ref).toSorted()).toEqual(refs.toSorted());
  const ofCli = dependencies.find(({ ref }) => ref === metadata.component["bom-ref"]);
  expect(ofCli?.dependsOn).toHaveLength(direct.length);
  for (const { dependsOn } of dependencies) for (const ref of dependsOn) expect(refs).toContain(ref);
});

it("has the digest of every package that is not of this repository", () => {
  const others = components.filter(({ name }) => !name.startsWith("@voxplain/"));
  expect(others.length).toBeGreaterThan(20);
  for (const { name, hashes } of others)
    expect([name, hashes?.[0]?.content]).toEqual([name, expect.stringMatching(/^[0-9a-f]{128}$/)]);
});

it("has a licence for each, and none that restricts what users do with their programs", () => {
  const free = ["MIT", "ISC", "Zlib", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "0BSD", "CC0-1.0"];
  for (const { name, licenses = [] } of components) {
    const words = licenses.flatMap(
      ({ license, expression = license?.id ?? "" }) => expression.match(/[\w.-]+/g) ?? [],
    );
    expect(words.length, name).toBeGreaterThan(0);
    expect(
      words.filter((word) => !["AND", "OR", ...free].includes(word)),
      name,
    ).toEqual([]);
  }
});
