import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { voxplain } from "./run-voxplain.ts";

const model = fileURLToPath(new URL("fixtures/phantoms/model", import.meta.url));
const participants = ["sub-CLNC0", "sub-CLNC1", "sub-CLNC2"];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "voxplain-checks-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const interpret = (level: string, name: string, ...options: string[]) =>
  voxplain(
    ...["interpret", level, model, name, "--use_cpu", "--threads", "1", "--output_dir", folder, ...options],
  );

const resultOf = (name: string) => join(folder, "fold-0/gradients/best_balanced_accuracy", name);

interface Row {
  readonly [column: string]: string;
}

function table(path: string): readonly Row[] {
  const [header = "", ...lines] = readFileSync(path, "utf8").trimEnd().split("\n");
  const columns = header.split("\t");
  return lines.map((line) => Object.fromEntries(line.split("\t").map((text, k) => [columns[k]!, text])));
}

describe("voxplain interpret --checks", () => {
  it("measures everything of each session's map, and plots the means", async () => {
    const { status, errors } = await interpret(
      ...(["group", "all", "--checks", "--method", "integrated-gradients"] as const),
      ...["--method_options", "steps=8", "--seed", "3"],
    );
    expect(errors).not.toContain("voxplain:");
    expect(status).toBe(0);
    const rows = table(join(resultOf("all"), "checks.tsv"));
    const checks = new Set(rows.map(({ check }) => check));
    expect([...checks].sort()).toEqual([
      "cascading-randomization",
      "completeness",
      "deletion",
      "independent-randomization",
      "infidelity",
      "insertion",
      "max-sensitivity",
    ]);
    for (const check of checks) {
      const sessions = new Set(rows.filter((row) => row.check === check).map((row) => row.participant_id));
      expect([...sessions], check).toEqual(participants);
    }
    for (const { value } of rows) expect(Number.isFinite(Number(value))).toBe(true);
    expect(readdirSync(resultOf("all")).filter((file) => file.startsWith("checks_"))).toEqual([
      "checks_cascading-randomization.png",
      "checks_deletion-insertion.png",
      "checks_independent-randomization.png",
    ]);
  });

  it("says the delta of predictions.tsv again, which is the one that the logits leave", async () => {
    const rows = table(join(resultOf("all"), "checks.tsv")).filter(({ check }) => check === "completeness");
    const predictions = table(join(resultOf("all"), "predictions.tsv"));
    for (const { participant_id, completeness_delta } of predictions) {
      const said = rows.find((row) => row.participant_id === participant_id && row.quantity === "delta");
      expect(said?.value).toBe(completeness_delta);
    }
  });

  it("measures only what is named, and changes neither the maps nor their order", async () => {
    const plain = await interpret("individual", "plain");
    const checked = await interpret("individual", "deletion", "--checks", "deletion-insertion");
    expect([plain.status, checked.status]).toEqual([0, 0]);
    const map = (name: string) => readFileSync(join(resultOf(name), "sub-CLNC2/ses-M00/map.npy"));
    expect(map("deletion").equals(map("plain"))).toBe(true);
    const rows = table(join(resultOf("deletion"), "checks.tsv"));
    expect(rows.map(({ check, parameter }) => `${check} ${parameter}`)).toEqual(
      participants.flatMap(() => ["deletion map", "deletion random", "insertion map", "insertion random"]),
    );
    expect(readdirSync(resultOf("plain"))).not.toContain("checks.tsv");
  });

  it("leaves out sessions that --keep_true leaves out", async () => {
    const predictions = table(join(resultOf("plain"), "predictions.tsv"));
    const isRight = (row: Row) => row.true_class === row.predicted_class;
    expect(predictions).toHaveLength(3);
    for (const keep of [true, false]) {
      const wanted = predictions.filter((row) => isRight(row) === keep).map((row) => row.participant_id);
      const options = ["--keep_true", `${keep}`, "--checks", "deletion-insertion"];
      const { status } = await interpret("group", `kept-${keep}`, ...options);
      // Without a session left there is nothing to average.
      expect(status).toBe(wanted.length > 0 ? 0 : 1);
      if (wanted.length === 0) continue;
      const rows = table(join(resultOf(`kept-${keep}`), "checks.tsv"));
      expect([...new Set(rows.map((row) => row.participant_id))]).toEqual(wanted);
    }
  });

  it("knows which checks there are, before anything is computed", async () => {
    const { status, errors } = await interpret("group", "wrong", "--checks", "sanity");
    expect(errors).toMatch(/there is no check "sanity" \(--checks\): expected one of completeness, /);
    expect(status).toBe(2);
    expect(readdirSync(join(folder, "fold-0/gradients/best_balanced_accuracy"))).not.toContain("wrong");
  });
});

it("voxplain explain --checks measures the map of each image", async () => {
  const onnx = fileURLToPath(new URL("fixtures/onnx", import.meta.url));
  const output = join(folder, "explained");
  const { status, errors } = await voxplain(
    ...[
      "explain",
      join(onnx, "volume.onnx"),
      join(onnx, "volume.npy"),
      "--use_cpu",
      "--threads",
      "1",
      "--output_dir",
      output,
    ],
    ...["--checks", "max-sensitivity", "infidelity"],
  );
  expect(errors).not.toContain("voxplain:");
  expect(status).toBe(0);
  expect(table(join(output, "checks.tsv")).map(({ image: name, quantity }) => [name, quantity])).toEqual([
    ["volume.npy", "max-sensitivity"],
    ["volume.npy", "infidelity"],
    ["volume.npy", "scaled-infidelity"],
  ]);
});
