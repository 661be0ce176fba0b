import type { FileSource } from "@voxplain/core";
import { droppedFiles, pickedFiles } from "@voxplain/core/web";
import { button, element } from "../element.ts";

export interface Openers {
  readonly onFiles: (files: FileSource) => void;
  readonly onTemplate: (files: FileSource, path: string) => void;
  readonly onAtlas: (files: FileSource, paths: readonly string[]) => void;
  /** What was dropped cannot be read. */
  readonly onProblem: (error: unknown) => void;
}

/** Buttons that ask for folders and files; whatever is dropped on the page is opened, too. */
export function fileOpeners(
  page: Document,
  openers: Openers,
): { readonly node: HTMLElement; chooseFolder(): void; chooseFiles(): void; chooseAtlas(): void } {
  const { onFiles, onTemplate, onAtlas } = openers;
  acceptDrops(page, openers);
  const folder = picker("Folder of a model, a CAPS or images", { webkitdirectory: true }, onFiles);
  const files = picker(
    "Files of models and images",
    {
      multiple: true,
      accept: ".onnx,.data,.zip,.pt,.nii,.gz,.mgz,.mgh,.npy,.png,.jpg,.jpeg,.tsv,.csv,.txt,.json",
    },
    onFiles,
  );
  const template = picker("Template", { accept: ".nii,.gz,.mgz,.mgh" }, (source, [first]) => {
    if (first !== undefined) onTemplate(source, first);
  });
  const atlas = picker(
    "Atlas",
    { multiple: true, accept: ".nii,.gz,.mgz,.mgh,.tsv,.csv,.txt,.xml,.lut,.ctbl" },
    onAtlas,
  );
  const node = element(
    "div",
    { class: "openers", role: "group", "aria-label": "Open" },
    button("Open folder…", () => folder.click()),
    button("Open files…", () => files.click()),
    button("Template…", () => template.click(), {
      class: "quiet",
      title: "A NIfTI whose affine the images get",
    }),
    button("Atlas…", () => atlas.click(), {
      class: "quiet",
      title:
        "An image of labels (NIfTI or .mgz), and a file with the names of its regions: a table, a colour table of FreeSurfer, or the XML of FSL or SPM",
    }),
    folder,
    files,
    template,
    atlas,
  );
  return {
    node,
    chooseFolder: () => folder.click(),
    chooseFiles: () => files.click(),
    chooseAtlas: () => atlas.click(),
  };
}

function picker(
  label: string,
  attributes: Parameters<typeof element>[1],
  onPicked: (files: FileSource, paths: readonly string[]) => void,
): HTMLInputElement {
  const input = element("input", { type: "file", "aria-label": label, hidden: true, ...attributes });
  input.addEventListener("change", () => {
    const files = [...(input.files ?? [])];
    // The same file can be picked again.
    input.value = "";
    if (files.length > 0)
      onPicked(
        pickedFiles(files),
        files.map(({ name }) => name),
      );
  });
  return input;
}

function acceptDrops(page: Document, { onFiles, onProblem }: Openers): void {
  const mark = (isOver: boolean) => page.body.classList.toggle("drop-target", isOver);
  page.addEventListener("dragover", (event) => {
    event.preventDefault();
    mark(true);
  });
  page.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) mark(false);
  });
  page.addEventListener("drop", (event) => {
    event.preventDefault();
    mark(false);
    if (event.dataTransfer !== null) void droppedFiles(event.dataTransfer).then(onFiles, onProblem);
  });
}
