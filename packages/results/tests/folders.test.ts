import type { Session } from "@voxplain/caps-io";
import { checkTaskName, imageName, refuseSameNames, sessionFolders, taskFolder } from "@voxplain/results";
import type { Task } from "@voxplain/study";
import { describe, expect, it } from "vitest";

/** Images of sub-01 ses-M00 in each of the cohorts. */
function taskIn(...cohorts: readonly string[]): Pick<Task, "images"> {
  const images = cohorts.map((cohort) => {
    const person = { participantId: "sub-01", sessionId: "ses-M00" };
    return { session: { ...person, name: "sub-01 ses-M00", cohort } };
  });
  return { images } as unknown as Pick<Task, "images">;
}

const foldersOf = (task: Pick<Task, "images">) => {
  const folderOf = sessionFolders(task);
  return task.images.map(({ session }) => folderOf(session));
};

it("the result of a network is in the folder of its fold, by its selection and the name of the task", () => {
  const result = { kind: "gradients", name: "AD" } as const;
  const network = { fold: 2, foldName: "split-2", selection: "best_loss" };
  expect(taskFolder(network, result)).toBe("split-2/gradients/best_loss/AD");
  expect(taskFolder({}, result)).toBe("gradients/AD");
});

describe("the maps of a session", () => {
  it("are in <participant>/<session>/", () => {
    expect(foldersOf(taskIn("single"))).toEqual(["sub-01/ses-M00/"]);
  });

  it("are in the folder of their cohort where another cohort has the same session", () => {
    expect(foldersOf(taskIn("ADNI", "AIBL"))).toEqual(["ADNI/sub-01/ses-M00/", "AIBL/sub-01/ses-M00/"]);
  });

  it.each(["data.tsv", "Provenance.JSON", "regions"])(
    "are refused where a participant is called as a file of the result: %s",
    (participantId) => {
      const named = { participantId, sessionId: "ses-M00", name: `${participantId} ses-M00` };
      const session: Session = { ...named, cohort: "single", diagnosis: "", row: {} };
      expect(() => sessionFolders({ images: [{ session }] })).toThrow(
        `${participantId} ses-M00: the folder of the participant's maps would have the name of a file of the result`,
      );
    },
  );

  it("are refused where the name of that cohort would lead elsewhere", () => {
    expect(() => sessionFolders(taskIn("ADNI", "../AIBL"))).toThrow('the cohort "../AIBL" shares sessions');
  });
});

describe("a name", () => {
  it.each(["", ".", "..", "a/b", "a\\b", ".AD.sessions"])("of a task is refused: %j", (name) => {
    expect(() => checkTaskName(name)).toThrow("cannot be the name of a task");
  });

  it("of a task has room for the names of what is kept beside its result", () => {
    expect(() => checkTaskName("\u00e4".repeat(90))).not.toThrow();
    expect(() => checkTaskName("\u00e4".repeat(91))).toThrow("expected at most 180 bytes, found 182");
  });

  it("of an image is that of its file, without its ending", () => {
    expect(imageName("scans/a.nii.gz")).toBe("a");
  });

  it("of two images is refused, because their files would be the same", () => {
    expect(() => refuseSameNames(["x/a.nii", "y/a.nii.gz"])).toThrow("would both write a.npy");
  });
});
