import type { ImageInput } from "@voxplain/caps-io";
import type { InputProvenance } from "@voxplain/writers";
import { sha256OfFile } from "./recorded-files.ts";

/** The files that a session was read from, and what they held. */
export async function inputProvenance(input: ImageInput): Promise<readonly InputProvenance[]> {
  const { participantId, sessionId } = input.session;
  // Loose files have neither.
  const [participant, session] = [participantId, sessionId].map((id) => (id === "" ? null : id));
  const files: InputProvenance[] = [];
  for (const file of input.files) {
    const sha256 = await sha256OfFile(input.source, file);
    files.push({
      participant: participant ?? null,
      session: session ?? null,
      file: `${input.source.name}/${file}`,
      sha256,
    });
  }
  return files;
}
