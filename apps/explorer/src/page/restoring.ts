import type { JobBar } from "./job-bar.ts";
import type { DeskStep, KeptDesk } from "./kept/desk.ts";
import { filesFrom } from "./kept/files.ts";
import { restoreForm } from "./kept/form-state.ts";
import type { MapArea } from "./map-area.ts";
import type { Opening } from "./opening.ts";

/** What a kept desk is opened with. */
export interface RestoringParts {
  readonly kept: KeptDesk;
  readonly open: Opening;
  readonly jobs: JobBar;
  readonly maps: MapArea;
  /** Where the forms are. */
  readonly side: ParentNode;
  /** All is open: the forms are as they are before anybody changes them. */
  onOpened(): void;
}

/** Opens again what was open, and shows its maps. @returns false where nothing is kept. */
export async function restoreDesk({
  kept,
  open,
  jobs,
  maps,
  side,
  onOpened,
}: RestoringParts): Promise<boolean> {
  const leftOut: string[] = [];
  const takeStep = async (step: DeskStep): Promise<unknown> => {
    switch (step.kind) {
      case "sample":
        return open.showSample();
      case "files":
        return open.open(filesFrom(step.files));
      case "template":
        return open.openTemplate(filesFrom(step.files), step.path);
      case "atlas":
        return open.openAtlas(filesFrom(step.files), step.paths);
      case "links":
        return open.openLinks(step.urls);
      case "choice":
        return open.chooseCohort(step.choice);
      case "left-out":
        return leftOut.push(
          `${step.name} is too large to be kept in this browser: open it again to go on with it`,
        );
    }
  };
  const [steps, form] = await Promise.all([kept.steps(), kept.form()]);
  if (steps.length === 0) return false;
  await open.withoutKeeping(async () => {
    kept.goOn();
    for (const step of steps) await takeStep(step);
    // Opening the next one would take the place of what is said.
    jobs.complain("opening", leftOut);
    onOpened();
    if (form !== undefined) restoreForm(side, form);
    const earlier = await kept.maps(open.roots);
    if (earlier.size > 0) await maps.restore(earlier);
  });
  return true;
}
