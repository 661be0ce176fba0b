// Writes the address of the source into the manifests, before they are published: npm's provenance refuses an
// address that is not that of the repository which publishes. So it need not be maintained by hand, and a fork has its own.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * The fields of a manifest with the address of its source.
 * @param {string} address - Of the repository, without ".git".
 * @param {string} folder - Name of the package's folder in packages/.
 */
export function addressFields(address, folder) {
  const directory = `packages/${folder}`;
  return {
    homepage: `${address}/tree/main/${directory}#readme`,
    bugs: `${address}/issues`,
    repository: { type: "git", url: `git+${address}.git`, directory },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { GITHUB_SERVER_URL, GITHUB_REPOSITORY } = process.env;
  if (!GITHUB_SERVER_URL || !GITHUB_REPOSITORY) {
    console.error(
      "stamp-address: set GITHUB_SERVER_URL and GITHUB_REPOSITORY (owner/name), as GitHub's runners do",
    );
    process.exit(2);
  }
  const packages = fileURLToPath(new URL("../packages", import.meta.url));
  for (const folder of readdirSync(packages)) {
    const path = join(packages, folder, "package.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    const stamped = { ...manifest, ...addressFields(`${GITHUB_SERVER_URL}/${GITHUB_REPOSITORY}`, folder) };
    writeFileSync(path, `${JSON.stringify(stamped, null, 2)}\n`);
  }
}
