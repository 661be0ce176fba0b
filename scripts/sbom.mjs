// `node scripts/sbom.mjs FILE [FOLDER]`: writes a software bill of materials of the command line and every package that it needs, as installed
// here, or where FOLDER holds the command line: CycloneDX 1.6, with versions, licences and the digests of the lockfile. Releases and the container have one.
import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
/** @param {string} folder */
const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));

/**
 * The folder of a package as Node finds it from another; undefined where an optional one is not installed.
 * @param {string} name @param {string} from
 */
function folderOf(name, from) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, "node_modules", name);
    if (existsSync(join(found, "package.json"))) return realpathSync(found);
    if (folder === dirname(folder)) return undefined;
  }
}

/** https://github.com/package-url/purl-spec @param {{ name: string, version: string }} manifest */
const purl = ({ name, version }) => `pkg:npm/${name.replace("@", "%40")}@${version}`;

/** By name@version, in hexadecimal digits. */
function digests() {
  const lock = readFileSync(join(root, "pnpm-lock.yaml"), "utf8");
  const found = lock.matchAll(/^ {2}'?([^\s']+@[^\s'(]+)'?:\n {4}resolution: \{integrity: sha512-([^,}]+)/gm);
  return new Map(
    Array.from(found, ([, id, base64]) => [id, Buffer.from(base64 ?? "", "base64").toString("hex")]),
  );
}

/**
 * @typedef {object} Component
 * @property {string} type
 * @property {string} bom-ref
 * @property {string} name
 * @property {string} version
 * @property {string} [description]
 * @property {{ alg: string, content: string }[]} [hashes]
 * @property {{ license?: { id: string }, expression?: string }[]} [licenses]
 * @property {string} purl
 */

/** The document, as it is written. @param {string} [start] - The folder of the command line. */
export function billOfMaterials(start = join(root, "packages/cli")) {
  const hashes = digests();
  /** @type {Map<string, Component>} */
  const components = new Map();
  /** @type {{ ref: string, dependsOn: string[] }[]} */
  const dependencies = [];
  /** @param {string} folder @returns {string} */
  const visit = (folder) => {
    const manifest = manifestIn(folder);
    const ref = purl(manifest);
    if (components.has(ref)) return ref;
    components.set(ref, component(manifest, ref, hashes.get(`${manifest.name}@${manifest.version}`)));
    const optional = { ...manifest.optionalDependencies, ...manifest.peerDependencies };
    const needed = Object.keys({ ...manifest.dependencies, ...optional }).toSorted();
    const dependsOn = needed.flatMap((name) => {
      const found = folderOf(name, folder);
      if (found === undefined && !(name in optional))
        throw new Error(`${manifest.name} needs ${name}, which is not installed`);
      return found === undefined ? [] : [visit(found)];
    });
    dependencies.push({ ref, dependsOn: [...new Set(dependsOn)] });
    return ref;
  };
  visit(start);
  const [application, ...others] = components.values();
  return {
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    version: 1,
    metadata: { component: { .../** @type {Component} */ (application), type: "application" } },
    components: others,
    dependencies,
  };
}

/** @param {{ name: string, version: string, description?: string, license?: string }} manifest @param {string} ref @param {string} [digest] @returns {Component} */
function component({ name, version, description, license }, ref, digest) {
  const isExpression = /\s/.test(license ?? "");
  return {
    type: "library",
    "bom-ref": ref,
    name,
    version,
    ...(description && { description }),
    ...(digest && { hashes: [{ alg: "SHA-512", content: digest }] }),
    ...(license && { licenses: [isExpression ? { expression: license } : { license: { id: license } }] }),
    purl: ref,
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [file, folder] = process.argv.slice(2);
  if (file === undefined) {
    console.error("usage: node scripts/sbom.mjs FILE [FOLDER]");
    process.exit(2);
  }
  writeFileSync(file, `${JSON.stringify(billOfMaterials(folder && realpathSync(folder)), undefined, 2)}\n`);
}
