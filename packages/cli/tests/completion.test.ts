import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { methods } from "@voxplain/saliency";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createProgram } from "../src/command-line/program.ts";
import { voxplain } from "./run-voxplain.ts";

const folder = mkdtempSync(join(tmpdir(), "voxplain-completion-"));
const shells = ["bash", "zsh", "fish"] as const;

const path = `${folder}/bin:${process.env.PATH}`;

/** The command from the sources, for the shells to call. */
async function installCommand(): Promise<void> {
  await build({
    entryPoints: [fileURLToPath(new URL("../src/main.ts", import.meta.url))],
    outdir: join(folder, "bin"),
    outExtension: { ".js": ".mjs" },
    ...{ bundle: true, splitting: true, format: "esm", platform: "node", logLevel: "error" },
    conditions: ["@voxplain/source"],
    external: ["onnxruntime-node", "@napi-rs/canvas"],
    // What is CommonJS asks for modules of Node.
    banner: {
      js: 'import { createRequire as requireFrom } from "node:module"; const require = requireFrom(import.meta.url);',
    },
  });
  const main = `import("${folder}/bin/main.mjs").then(({ main }) => main(process.argv.slice(1)))`;
  writeFileSync(join(folder, "bin/voxplain"), `#!/bin/sh\nexec node --eval '${main}' -- "$@"\n`, {
    mode: 0o755,
  });
}

beforeAll(async () => {
  await installCommand();
  for (const shell of shells) {
    const { status, output } = await voxplain("completion", shell);
    expect(status).toBe(0);
    writeFileSync(join(folder, shell), output);
  }
  mkdirSync(join(folder, "data"));
  writeFileSync(join(folder, "data/model.onnx"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

function isInstalled(shell: string): boolean {
  const found = spawnSync(shell, ["--version"]).status === 0;
  if (!found) process.stderr.write(`skipped: completion in ${shell}, which is not installed\n`);
  return found;
}

/** What a shell offers for the last of the words. */
function offered(shell: "bash" | "fish", ...words: string[]): string[] {
  const line = words.map((word) => `'${word}'`).join(" ");
  const scripts = {
    bash: `source ${folder}/bash; COMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _voxplain; printf '%s\\n' "\${COMPREPLY[@]}"`,
    fish: `source ${folder}/fish; complete -C "${words.join(" ")}"`,
  };
  const clean = { bash: ["--norc", "--noprofile"], fish: ["--no-config"] }[shell];
  const { stdout, stderr } = spawnSync(shell, [...clean, "-c", scripts[shell]], {
    cwd: folder,
    encoding: "utf8",
    env: { ...process.env, PATH: path },
  });
  expect(stderr).toBe("");
  // fish adds a description behind a tab.
  return stdout
    .split("\n")
    .filter(Boolean)
    .map((offer) => offer.split("\t", 1)[0]!);
}

describe.each(["bash", "fish"] as const)("voxplain completion %s, in that shell,", (shell) => {
  describe.skipIf(!isInstalled(shell))("completes", () => {
    it.each([
      ["commands", ["voxplain", "in"], ["inspect", "interpret"]],
      ["options of no command", ["voxplain", "--ci"], ["--cite"]],
      ["options of a command", ["voxplain", "predict", "--thr"], ["--threads"]],
      ["options behind arguments", ["voxplain", "interpret", "group", "model", "--use_c"], ["--use_cpu"]],
      ["no option of another command", ["voxplain", "predict", "--keep_t"], []],
      ["an argument that is one of a list", ["voxplain", "interpret", "gr"], ["group"]],
      ["the value of an option", ["voxplain", "explain", "m.onnx", "--device", "web"], ["webgpu"]],
      [
        "names of methods",
        ["voxplain", "explain", "m.onnx", "--method", "integrated-g"],
        ["integrated-gradients"],
      ],
      ["commands that help explains", ["voxplain", "help", "dif"], ["differentiate"]],
      ["shells", ["voxplain", "completion", "z"], ["zsh"]],
    ])("%s", (_, words, expected) => {
      expect(offered(shell, ...words).toSorted()).toEqual(expected);
    });

    it("every command and every long option of the program, and every method", () => {
      const program = createProgram({ argv: [], onStatus: () => {} });
      const names = offered(shell, "voxplain", "");
      for (const command of program.commands) {
        expect(names).toContain(command.name());
        const known = command.options.flatMap(({ long }) => long ?? []);
        expect(offered(shell, "voxplain", command.name(), "--")).toEqual(expect.arrayContaining(known));
      }
      expect(offered(shell, "voxplain", "interpret", "--method", "")).toEqual(
        expect.arrayContaining(Object.keys(methods)),
      );
    });
  });
});

describe.skipIf(!isInstalled("bash"))("in bash", () => {
  it("a list of values goes on, a single value does not", () => {
    const selection = ["voxplain", "interpret", "--selection", "best_loss", "best_b"];
    expect(offered("bash", ...selection)).toEqual(["best_balanced_accuracy"]);
    expect(offered("bash", "voxplain", "explain", "--device", "cpu", "web")).toEqual([]);
  });

  it("names of files are completed where nothing else is offered", () => {
    const script = `source ${folder}/bash; complete -p voxplain`;
    const { stdout } = spawnSync("bash", ["--norc", "-c", script], { encoding: "utf8" });
    expect(stdout).toContain("-o default");
    expect(offered("bash", "voxplain", "inspect", "dat")).toEqual([]);
  });
});

describe.skipIf(!isInstalled("zsh"))("in zsh", () => {
  it("the script is sound, and registers itself", () => {
    const script = `autoload -Uz compinit && compinit -u -D && source ${folder}/zsh && print $_comps[voxplain]`;
    const { stdout, stderr } = spawnSync("zsh", ["-f", "-c", script], { encoding: "utf8" });
    expect(stderr).toBe("");
    expect(stdout).toBe("_voxplain\n");
  });

  /** A terminal of zsh's own, in which the keys are pressed; the line that is left is run as a command. */
  it.each([
    ["voxplain insp", "voxplain inspect "],
    ["voxplain interpret gr", "voxplain interpret group "],
    ["voxplain interpret group model name --use_c", "voxplain interpret group model name --use_cpu "],
    ["voxplain explain m.onnx --device webg", "voxplain explain m.onnx --device webgpu "],
    [
      "voxplain interpret --selection best_loss best_ba",
      "voxplain interpret --selection best_loss best_balanced_accuracy ",
    ],
    ["voxplain explain --method integrated-gr", "voxplain explain --method integrated-gradients "],
    ["voxplain inspect data/mo", "voxplain inspect data/model.onnx "],
  ])("Tab makes of %j %j", (typed, expected) => {
    const script = `
      zmodload zsh/zpty
      zpty shell zsh -f -i
      zpty -w shell 'autoload -Uz compinit && compinit -u -D && source ${folder}/zsh'
      zpty -w shell 'show() { print -r -- "<<\${BUFFER}>>"; exit }; zle -N show; bindkey "^X" show; PS1=; print rea""dy'
      zpty -r shell seen '*ready*'
      zpty -w -n shell $'${typed}\\t\\x18'
      zpty -r shell line '*>>*'
      print -r -- "$line"`;
    const { stdout } = spawnSync("zsh", ["-f", "-c", script], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, PATH: path },
      timeout: 20_000,
    });
    expect(/<<(.*)>>/.exec(stdout)?.[1]).toBe(expected);
  });
});
