import { memoryFiles } from "@voxplain/core";
import { describe, expect, it } from "vitest";
import { readRegionNames } from "../src/index.ts";

async function namesIn(text: string) {
  const files = memoryFiles(new Map([["labels", new TextEncoder().encode(text)]]));
  return Object.fromEntries(await readRegionNames({ source: files, below: "labels" }));
}

const fsl = (type: string, labels: string) =>
  `<?xml version="1.0" encoding="ISO-8859-1"?><atlas version="1.0"><header><name>A</name><type>${type}</type></header>` +
  `<data>${labels}</data></atlas>`;

describe("names of regions are read from", () => {
  it.each([
    ["a table of BIDS", "index\tname\tabbreviation\n1\tHippocampus L\tHL\n2\tAmygdala\tA\n"],
    ["a table whose numbers are called label", "name\tlabel\nHippocampus L\t1\nAmygdala\t2\n"],
    ["a table in another case", "Index,Name\n1,Hippocampus L\n2,Amygdala\n"],
    [
      "descriptions of labels of ITK-SNAP",
      '# c\n  1  255 0 0  1 1 1  "Hippocampus L"\n2 0 0 0 0.5 1 0 "Amygdala"\n',
    ],
    [
      "the XML file of a probabilistic atlas of FSL, whose label images hold the index plus 1",
      fsl(
        "Probabilistic",
        '<label index="0" x="1" y="2" z="3">Hippocampus L</label>\n<label index="1" x="1" y="2" z="3">Amygdala</label>',
      ),
    ],
    [
      "the XML file of an atlas of labels of FSL, which hold the index",
      fsl(
        "Label",
        '<label index="1" x="1" y="2" z="3">Hippocampus L</label><label index="2">Amygdala</label>',
      ),
    ],
    [
      "an XML file of FSL that gives the values themselves",
      fsl(
        "Label",
        '<label index="0" value="1">Hippocampus L</label><label index="1" value="2">Amygdala</label>',
      ),
    ],
    [
      "the XML file of SPM",
      "<atlas version='2.0'><header><name>N</name></header><data><label><index>1</index><short_name>HL</short_name>" +
        "<name>Hippocampus L</name></label><label><index>2</index><name>Amygdala</name></label></data></atlas>",
    ],
  ])("%s", async (_, text) => {
    expect(await namesIn(text)).toEqual({ 1: "Hippocampus L", 2: "Amygdala" });
  });

  it("a colour table of FreeSurfer", async () => {
    const text =
      "#$Id: FreeSurferColorLUT.txt $\n\n#No. Label Name:                R   G   B   A\n\n" +
      "0   Unknown                     0   0   0   0\n17  Left-Hippocampus            220 216 20  0\n" +
      "1002    ctx-lh-caudalanteriorcingulate      125 100 160 0\n";
    expect(await namesIn(text)).toEqual({
      0: "Unknown",
      17: "Left-Hippocampus",
      1002: "ctx-lh-caudalanteriorcingulate",
    });
  });
});

it("a number without a name is left out", async () => {
  expect(await namesIn("index\tname\n1\t\n2\tAmygdala\n3\t \n")).toEqual({ 2: "Amygdala" });
});

describe("a file of names is refused, by its name, when it", () => {
  it.each([
    ["is a table without names", "index\tvolume\n1\t2\n", /labels: it has no column "name"/],
    ["gives one number two names", "index\tname\n1\tA\n1\tB\n", /labels: line 3: region 1 has two names/],
    [
      "has numbers that are not whole",
      "index\tname\n1.5\tA\n",
      /labels: line 2: the number of a region is whole/,
    ],
    ["has an empty number", "index\tname\n\tA\n", /labels: line 2: the number of a region/],
    ["names nothing", "index\tname\n", /labels: it names no region/],
    ["is XML that is cut off", "<atlas><data><label index='1'>A", /labels: it is not valid XML/],
    ["is XML of another kind", "<html><body/></html>", /labels: it is not a description of an atlas/],
  ])("%s", async (_, text, message) => {
    await expect(namesIn(text)).rejects.toThrow(message);
  });
});

it("a file without end, and one nested without end, are refused before they are read", async () => {
  await expect(namesIn("\n".repeat(2 ** 22 + 1))).rejects.toThrow(
    "labels: it is too large for names of regions: expected at most 4194304 bytes, found 4194305",
  );
  const nested = `${"<a>".repeat(100_000)}${"</a>".repeat(100_000)}`;
  await expect(namesIn(nested)).rejects.toThrow(
    "labels: it is no description of an atlas: nested more than 100 deep",
  );
});
