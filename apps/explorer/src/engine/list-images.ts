import type { SessionFailure } from "@voxplain/caps-io";
import { collectImages } from "@voxplain/study";
import type { AbsentSession } from "./engine.ts";
import type { Workspace } from "./workspace.ts";

/** The images that are open, for the model where one is; of what it cannot see, sentences. */
export async function listImages({
  opened,
  caps,
  listed,
  loose: files,
}: Pick<Workspace, "opened" | "caps" | "listed" | "loose">): Promise<
  Pick<Workspace, "images" | "absent" | "problems">
> {
  const { images, absent, problems } = await collectImages(
    { caps, listed, files },
    await opened?.model(undefined),
  );
  const entries = images.map((collected) => {
    const { name, diagnosis } = collected.session;
    const ofCaps = { id: `caps:${name}`, name, trueClass: diagnosis || undefined };
    return { image: collected.file?.image ?? ofCaps, collected };
  });
  return { images: entries, absent: absent.map(reasonOf), problems };
}

/** The name stands beside the reason, which begins with it. */
function reasonOf({ session: { name }, error: { message } }: SessionFailure): AbsentSession {
  return { name, reason: message.startsWith(`${name}: `) ? message.slice(name.length + 2) : message };
}
