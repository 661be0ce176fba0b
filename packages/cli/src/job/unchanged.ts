import { join, relative } from "node:path";
import type { LocatedImage, Session } from "@voxplain/caps-io";
import { isVoxplainError, VoxplainError } from "@voxplain/core";
import type { ReadFileRecord, Task } from "@voxplain/study";
import { changeOf, fileStamp, type RecordedModel } from "@voxplain/study/node";
import type { RecordedTask } from "./recorded-task.ts";

/** What became of files since they were recorded. Where they are does not count: they are looked for where the job has them now. */
type Change = "gone" | "changed";

/** Networks are below the path of the model, or are that file. */
type ModelPath = Pick<RecordedTask, "options">;

/** Sentences about networks that are not those of before. */
export async function changedNetworks(
  { model, options: before }: ModelPath & { readonly model: RecordedModel },
  { options: now }: ModelPath,
): Promise<readonly string[]> {
  const [root, current] = [String(before.model_path), String(now.model_path)];
  const sentences: string[] = [];
  for (const { file: recorded, sha256 } of model.networks ?? [model]) {
    const file = recorded === root ? current : join(current, relative(root, recorded));
    const change = await changeOf({ file, sha256 }, false);
    if (change !== undefined)
      sentences.push(`the network ${file} ${change === "gone" ? "is gone" : "changed"}`);
  }
  return sentences;
}

/** Which files the images of sessions are made of now. */
export interface CurrentImages {
  /**
   * @param recorded - What the image of a session was made of.
   * @throws VoxplainError `mismatch` naming the session, and the first file that is not what it was.
   */
  check(
    session: Session,
    recorded: readonly Pick<ReadFileRecord, "file" | "sha256" | "stamp">[],
  ): Promise<void>;
}

/** Which files are the same without their bytes being hashed: none, those of the same size and time, or those that are older than a date. */
type Trusted = boolean | Date;

/** The images of a task. */
export function currentImages({ images }: Pick<Task, "images">, trusted: Trusted): CurrentImages {
  const isOlder = async (file: string) =>
    trusted instanceof Date &&
    ((await fileStamp(file))?.changed ?? Number.POSITIVE_INFINITY) < trusted.getTime();
  const located = new Map(images.map((image) => [image.session, image]));
  return {
    async check(session, recorded) {
      const image = located.get(session);
      const files = image && (await filesOf(image));
      if (files === undefined) throw differs("gone", session, recorded[0]?.file);
      if (files.length !== recorded.length) throw differs("changed", session, files[0]);
      for (const [k, { sha256, stamp }] of recorded.entries()) {
        const file = files[k] ?? "";
        if (await isOlder(file)) continue;
        const change = await changeOf({ file, sha256, ...(stamp && { stamp }) }, trusted === true);
        if (change !== undefined) throw differs(change, session, file);
      }
    },
  };
}

/** Undefined where they are not there any more. */
async function filesOf({ source, files }: LocatedImage): Promise<readonly string[] | undefined> {
  try {
    return (await files()).map((file) => `${source.name}/${file}`);
  } catch (error) {
    if (isVoxplainError(error)) return undefined;
    throw error;
  }
}

function differs(change: Change, { name }: Session, file: string | undefined): VoxplainError {
  const problem =
    change === "gone"
      ? "the session is finished, and its image is gone"
      : "the image changed after its session was finished";
  return new VoxplainError("mismatch", problem, {
    ...{ file, session: name },
    hint: "start without --resume, which discards the finished sessions, or choose another name",
  });
}
