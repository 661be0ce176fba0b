// What the pages of the documentation call by name: options of the command line, files of the repository.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { voxplain } from "../packages/cli/tests/run-voxplain.ts";
import { handWrittenPages } from "./docs-pages.ts";
import { packages, root } from "./workspace.ts";

/** Words between backticks in the text, not in blocks, with their page. */
const words = handWrittenPages().flatMap(({ page, markdown }) =>
  Array.from(markdown.replaceAll(/^```[\s\S]*?^```$/gm, "").matchAll(/`([^`\n]+)`/g), ([, word = ""]) => ({
    page,
    word,
  })),
);

it("options that pages mention exist", async () => {
  const commands = [
    ...["interpret", "predict", "explain", "differentiate", "inspect"],
    ...["regions", "compare", "agreement", "localize", "report"],
  ];
  const helps = [];
  for (const command of commands) helps.push((await voxplain(command, "--help", "all")).output);
  const known = new Set([...helps.join(" ").matchAll(/--[a-z_]+/g)].map(([option]) => option));
  for (const option of ["--version", "--cite"]) known.add(option);
  const others = [
    "--network",
    "--user",
    "--read-only",
    "--tmpfs",
    "--cap-drop",
    "--security-opt",
    "--useNegativeCmap",
    "--ignore-scripts",
    "--json",
  ];
  const ofSchedulers = [
    ...["--array", "--bind", "--config", "--kill-on-invalid-dep", "--requeue"],
    ...["--executor", "--slurm-status-command"],
  ];
  const ofClinicaDL = [
    ...["--level_grad_cam", "--selection_metrics", "--participants_tsv", "--caps_directory", "--n_proc"],
    ...["--save_individual", "--save_nifti", "--gpu", "--no-gpu", "--overwrite_name"],
  ];
  const ours = words.filter(({ word }) => /^(--|(npx )?voxplain )/.test(word));
  expect(ours.length).toBeGreaterThan(50);
  const unknown = ours.flatMap(({ page, word }) =>
    [...word.matchAll(/(?:^| )(--[a-z][\w-]*)/g)]
      .map(([, option = ""]) => option)
      .filter((option) => !known.has(option) && ![...others, ...ofSchedulers].includes(option))
      .filter((option) => page !== "guide/from-maps.md" || !ofClinicaDL.includes(option))
      .map((option) => `${page}: ${option}`),
  );
  expect(unknown).toEqual([]);
});

it("files that pages point to exist", () => {
  const paths = words.filter(({ word }) => /^(packages|scripts|apps|bench)\/[\w./-]+$/.test(word));
  expect(paths.length).toBeGreaterThan(10);
  const missing = paths.filter(({ word }) => !existsSync(join(root, word)));
  expect(missing).toEqual([]);
});

it("pages and READMEs have the spelling of the Oxford dictionary: colour, but normalize", () => {
  const others = [
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "apps/explorer/README.md",
  ];
  const texts = [
    ...handWrittenPages(),
    ...[...others, ...packages.map(({ folder }) => `packages/${folder}/README.md`)].map((page) => ({
      page,
      markdown: readFileSync(join(root, page), "utf8"),
    })),
  ];
  const stems =
    "normal|local|random|recogn|general|quant|summar|regular|minim|maxim|optim|organ|visual|initial";
  const british = `(?:${stems})is(?:e|es|ed|er|ing|ation|ations)`;
  const american = "colors?|colored|gray|centers?|centered|behaviors?|neighbors?|labeled|canceled|learned";
  const misspelt = new RegExp(`\\b(?:${british}|${american})\\b`, "gi");
  const found = texts.flatMap(({ page, markdown }) =>
    (withoutCode(markdown).match(misspelt) ?? []).map((word) => `${page}: ${word}`),
  );
  expect(found).toEqual([]);
});

/** The text of a page, without code and addresses. */
const withoutCode = (markdown: string) =>
  markdown.replaceAll(/^```[\s\S]*?^```$/gm, "").replaceAll(/`[^`\n]+`|\]\([^)]*\)|https?:\S+/g, "");
