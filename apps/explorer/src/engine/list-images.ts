import type { Session, SessionFailure } from "@voxplain/caps-io";
import { collectImages, labelOf } from "@voxplain/study";
import type { AbsentSession } from "./engine.ts";
import type { Workspace } from "./workspace.ts";

/** The images that are open, for the model where one is; of what it cannot see, sentences. */
export async function listImages({
  opened,
  loose: files,
  label: asked,
  ...workspace
}: Workspace): Promise<Pick<Workspace, "images" | "absent" | "labels" | "problems">> {
  const model = await opened?.model(undefined);
  const { images, absent, labelColumns, problems } = await collectImages({ ...workspace, files }, model);
  const label = [asked, model?.labels?.column, "diagnosis"].find((one) => one && labelColumns.includes(one));
  const nodes = label === model?.labels?.column ? model?.labels?.nodes : undefined;
  const entries = images.map((collected) => {
    const name = nameOf(collected.session);
    const trueClass = label === undefined ? undefined : valueIn(collected.session, label);
    const { participantId, sessionId } = collected.session;
    const image = collected.file?.image ?? { id: `caps:${name}`, name, participantId, sessionId };
    return {
      image: { ...image, trueClass, trueNode: trueClass === undefined ? undefined : nodes?.get(trueClass) },
      collected,
    };
  });
  const labels = { label, columns: labelColumns };
  return { images: entries, absent: absent.map(reasonOf), labels, problems };
}

/** Lists that are named after a diagnosis need no column of it. */
function valueIn(session: Session, column: string): string | undefined {
  const value = session.row[column] || labelOf(session, column);
  return value === "" || value === "n/a" ? undefined : value;
}

/** Participants of different cohorts may have one ID. */
function nameOf({ cohort, name }: Session): string {
  return cohort === "single" ? name : `${name} (${cohort})`;
}

/** The name stands beside the reason, which begins with it. */
function reasonOf({ session, error: { message } }: SessionFailure): AbsentSession {
  const { name } = session;
  const reason = message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message;
  return { name: nameOf(session), reason };
}
