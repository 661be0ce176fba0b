// What publint and "Are the types wrong?" find in a tarball, in this process: TypeScript is loaded once for all packages.
import { readFileSync } from "node:fs";
import { checkPackage, createPackageFromTarballData } from "@arethetypeswrong/core";
import { publint } from "publint";
import { formatMessage } from "publint/utils";

/** Packages are modules of ECMAScript only: what `require` and Node 10 would find is of no concern. */
const resolutions = ["node16-esm", "bundler"];

/**
 * The complaints about a tarball, a line each; "" where there are none.
 * @param {string} tarball - Its file.
 */
export async function publishedComplaints(tarball) {
  const bytes = readFileSync(tarball);
  const { messages, pkg } = await publint({ pack: { tarball: new Uint8Array(bytes).buffer }, strict: true });
  const complaints = messages
    .filter(({ type }) => type === "error")
    .map((message) => formatMessage(message, pkg, { color: false }));
  const { types, problems = [] } = await checkPackage(createPackageFromTarballData(new Uint8Array(bytes)));
  if (!types) complaints.push("it has no types");
  for (const problem of problems) {
    if (!("resolutionKind" in problem) || resolutions.includes(problem.resolutionKind)) {
      complaints.push(`types: ${JSON.stringify(problem)}`);
    }
  }
  return complaints.join("\n");
}
