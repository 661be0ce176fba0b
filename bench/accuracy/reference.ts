import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** What PyTorch computes with one seed; `reference.py` describes the files. */
export interface Reference {
  readonly dims: readonly number[];
  readonly outputDims: readonly number[];
  /** Weights of the output; null: 1 for the target's logit. */
  readonly cotangent: readonly number[] | null;
  readonly output: readonly number[];
  readonly pytorchOutput: readonly number[];
  readonly decisions: readonly ("relu" | "max")[];
  readonly input: Float32Array;
  readonly gradient: Float64Array;
  readonly pytorchGradient: Float32Array;
  /** The k-th of `decisions`: thresholds that are reached, or positions of maxima. */
  decision(k: number): Uint8Array | Int32Array;
  /** The same of PyTorch's float32. */
  pytorchDecision(k: number): Uint8Array | Int32Array;
}

export interface ReferenceProgram {
  readonly torch: string;
  draw(seed: number): Promise<Reference>;
  end(): void;
}

const python = process.env.VOXPLAIN_BENCH_PYTHON ?? "/usr/bin/python3";

export async function referenceProgram(kind: string, name: string): Promise<ReferenceProgram> {
  const folder = mkdtempSync(join(tmpdir(), "voxplain-accuracy-"));
  const program = fileURLToPath(new URL("reference.py", import.meta.url));
  const child = spawn(python, [program, kind, name, folder], { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async () => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`reference.py ${kind} ${name} ended without an answer`);
    return JSON.parse(value);
  };
  const { torch } = await answer();
  const bytes = (file: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, file));
    return buffer.slice(byteOffset, byteOffset + byteLength);
  };
  const decision = (file: string, kind: "relu" | "max") =>
    kind === "relu" ? new Uint8Array(bytes(`${file}.u8`)) : new Int32Array(bytes(`${file}.i32`));
  return {
    torch,
    async draw(seed) {
      child.stdin.write(`${seed}\n`);
      const record = await answer();
      return {
        ...record,
        input: new Float32Array(bytes("input.f32")),
        gradient: new Float64Array(bytes("gradient.f64")),
        pytorchGradient: new Float32Array(bytes("gradient.f32")),
        decision: (k) => decision(`decision-${k}`, record.decisions[k]),
        pytorchDecision: (k) => decision(`single-${k}`, record.decisions[k]),
      };
    },
    end() {
      child.stdin.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
