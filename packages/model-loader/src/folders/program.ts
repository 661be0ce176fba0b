import { decodeText, type FileSource } from "@voxplain/core";
import type { Generation } from "../settings/settings.ts";

/** What wrote a model folder. */
export interface Program {
  /** The program. */
  readonly name: "ClinicaDL";
  /** "1.6.1"; undefined where the folder does not say it, as after an installation from a checkout. */
  readonly version?: string;
  /** The kind of the folder. */
  readonly format: Generation;
}

const largestEnvironment = 2 ** 22;

/** The program, with the version that the list of packages beside the model has. */
export async function programOf(source: FileSource, format: Generation): Promise<Program> {
  const reader = await source.open("environment.txt");
  const isSmall = reader !== undefined && reader.byteLength <= largestEnvironment;
  const packages = isSmall ? decodeText(await reader.read(0, reader.byteLength)) : "";
  const [, version] = /^clinicadl==(\S{1,40})\s*$/im.exec(packages) ?? [];
  return { name: "ClinicaDL", ...(version !== undefined && { version }), format };
}
