import { isVoxplainError, joinPath } from "@voxplain/core";
import { modelMessage } from "./decode-model.ts";
import type { Message, Value } from "./protobuf.ts";

/**
 * The files beside an ONNX file that hold its external data, by their paths from its folder: "weights.data", also where the file says
 * "./weights.data". Paths that leave the folder, which are never read, are left out.
 * @param bytes - The ONNX file.
 * @throws VoxplainError `invalid-file` where the bytes are no ONNX model, or a damaged one.
 */
export function externalDataFiles(bytes: Uint8Array): ReadonlySet<string> {
  const files = new Set<string>();
  // Tensors are among the weights, in attributes of nodes, and in the graphs of such attributes.
  const look = (message: Message) => {
    const file = locationOf(message);
    if (file !== undefined) files.add(file);
    for (const field of Object.values(message)) {
      for (const value of Array.isArray(field) ? (field as readonly Value[]) : [field as Value]) {
        if (typeof value !== "object") break;
        if (!ArrayBuffer.isView(value)) look(value);
      }
    }
  };
  look(modelMessage(bytes));
  return files;
}

function locationOf({ externalData = [] }: Message): string | undefined {
  const location = (externalData as readonly Message[]).find(({ key }) => key === "location")?.value;
  if (typeof location !== "string") return undefined;
  try {
    return joinPath(location);
  } catch (error) {
    if (isVoxplainError(error, "unsafe-file")) return undefined;
    throw error;
  }
}
