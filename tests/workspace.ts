// What the tests of the whole workspace look at: its packages, their manifests, sources and imports.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

export const root = fileURLToPath(new URL("..", import.meta.url));

export interface Manifest {
  readonly name: string;
  readonly description: string;
  readonly keywords: readonly string[];
  readonly files: readonly string[];
  readonly sideEffects: false | readonly string[];
  readonly exports: Readonly<
    Record<
      string,
      string | { readonly "@voxplain/source": SourceEntry; readonly node?: string; readonly default: string }
    >
  >;
  readonly bin?: Readonly<Record<string, string>>;
  readonly scripts: Readonly<Record<string, string>>;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

export interface WorkspacePackage {
  /** Name of its folder; it is published as `@voxplain/<folder>`. */
  readonly folder: string;
  readonly path: string;
  readonly manifest: Manifest;
}

export const packages: readonly WorkspacePackage[] = readdirSync(join(root, "packages"))
  .filter((folder) => existsSync(join(root, "packages", folder, "package.json")))
  .map((folder) => {
    const path = join(root, "packages", folder);
    return { folder, path, manifest: JSON.parse(readFileSync(join(path, "package.json"), "utf8")) };
  });

export interface SourceImport {
  /** The importing file, relative to its package, with forward slashes. */
  readonly file: string;
  /** What it imports, as written; undefined where that is not a literal. */
  readonly specifier: string | undefined;
}

/** Every import, re-export, import type and dynamic import of the files below a folder. */
export function importsBelow(
  { path }: Pick<WorkspacePackage, "path">,
  folder: "src" | "tests",
): SourceImport[] {
  return readdirSync(join(path, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => /\.(ts|js)$/.test(name))
    .flatMap((name) => {
      const file = `${folder}/${name.split(sep).join("/")}`;
      const text = readFileSync(join(path, file), "utf8");
      return importsOf(file, text).map((specifier) => ({ file, specifier }));
    });
}

/** Specifiers of a source text; undefined for a dynamic import of something computed. */
export function importsOf(file: string, text: string): (string | undefined)[] {
  const found: (string | undefined)[] = [];
  const literal = (node: ts.Node | undefined) =>
    node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) found.push(literal(node.moduleSpecifier));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) found.push(literal(node.moduleSpecifier));
    else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      found.push(literal(node.argument.literal));
    } else if (ts.isCallExpression(node)) {
      const { expression } = node;
      const loads =
        expression.kind === ts.SyntaxKind.ImportKeyword ||
        (ts.isIdentifier(expression) && expression.text === "require");
      if (loads) found.push(literal(node.arguments[0]));
    }
    ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true));
  return found;
}

/** The file of the same package that a relative specifier names, relative to the package. */
export function resolveRelative(file: string, specifier: string): string {
  return relative(root, join(root, dirname(file), specifier))
    .split(sep)
    .join("/");
}

/** Name of the package and sub-path (`.` or `./sub`) of a bare specifier. */
export function splitSpecifier(specifier: string): { name: string; subpath: string } {
  const parts = specifier.split("/");
  const length = specifier.startsWith("@") ? 2 : 1;
  return { name: parts.slice(0, length).join("/"), subpath: ["."].concat(parts.slice(length)).join("/") };
}

/** Folder of a workspace package with that name. */
export function workspaceFolder(name: string): string | undefined {
  return name.startsWith("@voxplain/") ? name.slice("@voxplain/".length) : undefined;
}

export function readRoot(name: string): string {
  return readFileSync(join(root, name), "utf8");
}

/** The source of an entry; that of an entry for threads, which run JavaScript, has its types in a file of its own. */
export type SourceEntry = string | { readonly types: string; readonly default: string };

/** The file that has the types of an entry. */
export const sourceFile = (entry: SourceEntry) => (typeof entry === "string" ? entry : entry.types);
