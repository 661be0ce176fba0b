// The names that a package exports, types too, from its sources.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import ts from "typescript";
import { sourceFile, type WorkspacePackage } from "./workspace.ts";

/** Names by entry: "@voxplain/core", "@voxplain/core/node", … */
export function exportedNames({ path, manifest }: Pick<WorkspacePackage, "path" | "manifest">) {
  const entries = Object.entries(manifest.exports).flatMap(([subpath, target]): [string, string[]][] => {
    if (typeof target === "string" || !sourceFile(target["@voxplain/source"]).endsWith(".ts")) return [];
    const names = namesOf(join(path, sourceFile(target["@voxplain/source"])));
    return [[`${manifest.name}${subpath.slice(1)}`, names.sort()]];
  });
  return Object.fromEntries(entries);
}

function namesOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ESNext);
  return source.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) {
      const { exportClause, moduleSpecifier } = statement;
      if (exportClause !== undefined && ts.isNamedExports(exportClause)) {
        return exportClause.elements.map(({ name }) => name.text);
      }
      const isHere = moduleSpecifier && ts.isStringLiteral(moduleSpecifier);
      return isHere ? namesOf(join(dirname(file), moduleSpecifier.text)) : [];
    }
    const isExported = ts.canHaveModifiers(statement)
      ? ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
      : false;
    if (isExported !== true) return [];
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.flatMap(({ name }) =>
        ts.isIdentifier(name) ? [name.text] : [],
      );
    }
    const { name } = statement as ts.DeclarationStatement;
    return name !== undefined && ts.isIdentifier(name) ? [name.text] : [];
  });
}
