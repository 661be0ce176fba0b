import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import {
  readCohorts,
  readImageFile,
  readImageTable,
  readLabels,
  readPartPredictions,
} from "@voxplain/caps-io";
import { decodeNpy, memoryFiles } from "@voxplain/core";
import { openModelFolder } from "@voxplain/model-loader";
import { type CheckpointValue, isTensor, openCheckpoint, stateDicts } from "@voxplain/torch-checkpoint";
import { expect, it } from "vitest";
import { fuzz } from "./fuzz.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const text = (content: string) => new TextEncoder().encode(content);

const fixtures = `${root}packages/torch-checkpoint/tests/fixtures/`;
const checkpoints = readdirSync(fixtures)
  .filter((name) => name.endsWith(".pt"))
  .map((name) => new Uint8Array(readFileSync(fixtures + name)));

/** The same archive with sums of 0, so that what is changed in its pickle reaches the machine that runs it. */
function withoutChecksums(archive: Uint8Array): Uint8Array {
  const bytes = Buffer.from(archive);
  for (const [signature, place] of [
    ["PK\x03\x04", 14],
    ["PK\x07\x08", 4],
    ["PK\x01\x02", 16],
  ] as const) {
    for (
      let at = bytes.indexOf(signature, 0, "latin1");
      at >= 0;
      at = bytes.indexOf(signature, at + 1, "latin1")
    )
      if (at + place + 4 <= bytes.length) bytes.writeUInt32LE(0, at + place);
  }
  return new Uint8Array(bytes);
}

async function readAll(value: CheckpointValue): Promise<void> {
  if (isTensor(value)) {
    await value.read();
    for await (const _ of value.chunks());
  } else if (value instanceof Map) {
    for (const [key, item] of value) {
      await readAll(key);
      await readAll(item);
    }
  } else if (Array.isArray(value)) {
    for (const item of value) await readAll(item);
  }
}

const one = (path: string, bytes: Uint8Array) => memoryFiles(new Map([[path, bytes]]));

const table = text(
  'participant_id\tsession_id\tdiagnosis\tage\tnote\nsub-01\tses-M00\tAD\t71.0\t"a\tb"\nsub-02\tses-M12\tAD\t68,5\t\n',
);
const utf16 = new Uint8Array(Buffer.from(`\uFEFF${Buffer.from(table).toString()}`, "utf16le"));
const images = text(
  'participant_id;session_id;diagnosis;age;image\r\nsub-01;ses-M00;AD;71,5;"a; b.nii"\r\nsub-02;;n/a;;images\\c.nii\r\n;;;;\r\n',
);
const imagesInUtf16 = new Uint8Array(Buffer.from(`\uFEFF${Buffer.from(images).toString()}`, "utf16le"));
const predictions = text(
  "participant_id\tsession_id\tpatch_id\ttrue_label\tpredicted_label\nsub-01\tses-M00\t0\t1\t0\nsub-01\tses-M00\t1\t1\t1\n",
);
const cohorts = text("cohort\tpath\tdiagnoses\nA\tcaps\tAD,CN\n");
const npy = (header: string, values: number) => {
  const padded = `${header.padEnd(117)}\n`;
  const bytes = new Uint8Array(10 + padded.length + values);
  bytes.set([0x93, ...text("NUMPY"), 1, 0, padded.length, 0]);
  bytes.set(text(padded), 10);
  return bytes;
};
const arrays = [
  npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 24),
  npy("{'descr': '<f8', 'fortran_order': True, 'shape': (2, 3, 1), }", 48),
  npy("{'descr': '|u1', 'fortran_order': False, 'shape': (), }", 1),
];
const options = text(
  JSON.stringify({
    mode: "patch",
    preprocessing: "t1-linear",
    network_type: "cnn",
    diagnoses: ["AD", "CN"],
    dropout: 0.5,
    n_splits: 5,
    convolutions: { conv0: { in_channels: null, out_channels: 3, n_conv: 1, d_reduction: "MaxPooling" } },
    n_fcblocks: 2,
    network_normalization: "BatchNorm",
  }).replace("0.5", "NaN"),
);

it.each<[string, readonly Uint8Array[], (bytes: Uint8Array) => unknown]>([
  [
    "checkpoints",
    [...checkpoints, ...checkpoints.filter((bytes) => bytes[0] === 0x50).map(withoutChecksums)],
    async (bytes) => {
      const checkpoint = await openCheckpoint(bytes);
      stateDicts(checkpoint);
      await readAll(checkpoint.root);
    },
  ],
  ["images that torch saved", checkpoints, (bytes) => readImageFile(one("image.pt", bytes), "image.pt")],
  ["arrays that numpy saved", arrays, (bytes) => decodeNpy(bytes, "image.npy")],
  [
    "label lists",
    [table, utf16],
    (bytes) => readLabels(one("AD.tsv", bytes), "", { diagnosis: "AD", baseline: false }),
  ],
  [
    "tables of images",
    [images, imagesInUtf16],
    (bytes) => readImageTable({ source: one("images.csv", bytes), below: "images.csv" }),
  ],
  [
    "predictions of parts",
    [predictions],
    (bytes) => readPartPredictions(one("p.tsv", bytes), "p.tsv", "patch"),
  ],
  [
    "tables of cohorts",
    [cohorts],
    (bytes) => {
      const place = { source: one("cohorts.tsv", bytes), below: "cohorts.tsv" };
      const lists = one("AD.tsv", table);
      return readCohorts(
        {
          caps: place,
          labels: place,
          openCaps: () => lists,
          openLabels: () => ({ source: lists, below: "" }),
        },
        { diagnosis: "AD", baseline: false },
      );
    },
  ],
  [
    "options of a training",
    [options],
    (bytes) =>
      openModelFolder(
        memoryFiles(
          new Map([
            ["commandline.json", bytes],
            ["fold-0/models/a/model_best.onnx", text("")],
          ]),
        ),
      ),
  ],
])(
  "%s with any bytes changed are read or refused in words, within two seconds",
  async (_, files, read) => {
    const report = await fuzz(files, read);
    expect(report.foreign).toEqual([]);
    expect(report.slowest).toBeLessThan(2);
    expect(report.files).toBeGreaterThan(10);
    expect(report.refused).toBeGreaterThan(0);
  },
  2 ** 31 - 1,
);
