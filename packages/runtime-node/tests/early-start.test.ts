import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const built = fileURLToPath(new URL("../dist/index.js", import.meta.url));

/** A program that starts ONNX Runtime early, never needs it, and has nothing more to do after a while. */
function ended(milliseconds: number): Promise<{ status: unknown; output: string }> {
  const program = `
    import { nodeRuntime } from ${JSON.stringify(built)};
    nodeRuntime({ executionProvider: "cpu", startEarly: true });
    console.log(process.getActiveResourcesInfo().includes("MessagePort"));
    setTimeout(() => {}, ${milliseconds});`;
  return new Promise((resolve) => {
    execFile(process.execPath, ["--input-type=module", "--eval", program], (error, output) => {
      resolve({ status: error === null ? 0 : (error.signal ?? error.code), output: output.trim() });
    });
  });
}

it("the package is built", () => expect(existsSync(built), "run the build first").toBe(true));

it("a program that ends while ONNX Runtime is being loaded waits for it: it would be aborted", async () => {
  for (const milliseconds of [0, 32, 36, 38, 40, 42, 44, 48]) {
    expect({ milliseconds, ...(await ended(milliseconds)) }).toEqual({
      milliseconds,
      status: 0,
      output: "true",
    });
  }
});
