import { parseXml, type XmlDocument, XmlElement, XmlError } from "@rgrove/parse-xml";
import { VoxplainError } from "@voxplain/core";
import type { NamedRegion } from "./named-region.ts";

/**
 * The names in the XML description of an atlas: of SPM, `<label><index>4</index><name>…</name></label>`; or of FSL,
 * `<label index="3" …>…</label>`, where probabilistic atlases count the volumes of their 4D image from 0, and their label images hold 1
 * more; an attribute `value` gives the number in the image itself.
 * @throws VoxplainError `invalid-file` naming the file.
 */
export function xmlNames(text: string, file: string): readonly NamedRegion[] {
  const labels = elementsNamed("label", parsed(text, file));
  if (labels.length === 0) {
    throw new VoxplainError("invalid-file", "it is not a description of an atlas: it has no labels", {
      file,
      expected: "XML of FSL or SPM",
    });
  }
  const [type] = elementsNamed("type", parsed(text, file));
  const shift = type?.text.trim().toLowerCase() === "probabilistic" ? 1 : 0;
  return labels.map((label, k) => {
    const where = `label ${k + 1}`;
    const { index, value } = label.attributes;
    if (value !== undefined) return { index: value, name: nameOf(label), where };
    if (index !== undefined) return { index: shifted(index, shift), name: nameOf(label), where };
    const inside = (name: string) => elementsNamed(name, label)[0]?.text.trim();
    return { index: inside("index") ?? "", name: inside("name") ?? "", where };
  });
}

/** Descriptions of atlases have four levels; the parser uses a call for each. */
const deepest = 100;

function parsed(text: string, file: string): XmlDocument {
  if (depthOf(text) > deepest) {
    const problem = `it is no description of an atlas: nested more than ${deepest} deep`;
    throw new VoxplainError("invalid-file", problem, { file });
  }
  try {
    return parseXml(text);
  } catch (error) {
    if (!(error instanceof XmlError)) throw error;
    const [problem = ""] = error.message.split("\n");
    throw new VoxplainError("invalid-file", `it is not valid XML: ${problem}`, {
      file,
      cause: error,
    });
  }
}

/** How many elements are open at once at most, counted by their tags alone. */
function depthOf(text: string): number {
  let depth = 0;
  let most = 0;
  for (const [tag] of text.matchAll(/<[^!?<>][^<>]*>/g)) {
    if (tag.startsWith("</")) depth--;
    else if (!tag.endsWith("/>")) most = Math.max(most, ++depth);
  }
  return most;
}

function nameOf(label: XmlElement): string {
  return label.text.replaceAll(/\s+/g, " ").trim();
}

function shifted(index: string, by: number): string {
  return /^\d+$/.test(index.trim()) ? String(Number(index) + by) : index;
}

function elementsNamed(name: string, { children }: XmlDocument | XmlElement): XmlElement[] {
  return children.flatMap((child) => {
    if (!(child instanceof XmlElement)) return [];
    return child.name.toLowerCase() === name ? [child] : elementsNamed(name, child);
  });
}
