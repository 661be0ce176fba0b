import { main } from "@voxplain/cli";
import { vi } from "vitest";

/** Runs the command line in this process and catches what it prints. */
export async function voxplain(
  ...argv: string[]
): Promise<{ status: number; output: string; errors: string }> {
  let output = "";
  let errors = "";
  const stdout = vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    output += text;
    return true;
  });
  const stderr = vi.spyOn(process.stderr, "write").mockImplementation((text) => {
    errors += text;
    return true;
  });
  try {
    return { status: await main(argv), output, errors };
  } finally {
    stdout.mockRestore();
    stderr.mockRestore();
  }
}
