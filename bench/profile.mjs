// Where the time of a command goes: the seconds between the lines that it prints.
import { spawn } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { cohort } from "./cohort.mjs";
import { sizes } from "./sizes.mjs";
import { output, voxplain } from "./whole-process.mjs";

/** Gradients of a cohort, from the start of the process to its end, by step. */
export async function profile() {
  const { sessions, processes, threads } = sizes;
  const model = `${cohort(sessions)}/model`;
  const options = ["--overwrite", "--output_dir", join(output, "ours")];
  const runs = [];
  for (let round = 0; round < processes; round++) {
    runs.push(await stepsOf(voxplain(["interpret", "group", model, "bench", ...options]), sessions));
    rmSync(output, { recursive: true });
  }
  return Object.keys(runs[0]).map((step) => {
    const values = runs.map((run) => 1000 * run[step]);
    return { what: step, unit: "ms", threads, programs: { Voxplain: values } };
  });
}

/** Seconds of each step of a run of several sessions. */
function stepsOf([program, args], sessions) {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const seconds = () => (performance.now() - start) / 1000;
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    const at = {};
    let errors = "";
    child.stderr.on("data", (data) => {
      errors += data;
      const lines = {
        planned: `: ${sessions} session`,
        first: `: 1/${sessions}`,
        last: `: ${sessions}/${sessions}`,
      };
      for (const [name, line] of Object.entries(lines)) if (errors.includes(line)) at[name] ??= seconds();
    });
    child.on("exit", (status) => {
      const end = seconds();
      const { planned, first, last } = at;
      if (status !== 0 || last === undefined) return reject(new Error(`it ended with ${status}\n${errors}`));
      resolve({
        "load the program, read the model's options, the label list and the headers of the images": planned,
        "read the checkpoint, make the graph of the gradient and open it; read and explain the first image":
          first - planned,
        [`explain the other ${sessions - 1} images; meanwhile images are read, scaled and hashed, and maps summed and kept`]:
          last - first,
        "write the mean, its picture, tables and hashes; remove the kept sessions": end - last,
        "the whole command": end,
      });
    });
  });
}
