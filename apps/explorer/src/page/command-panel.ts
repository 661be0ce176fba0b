import { commandLine } from "@voxplain/report";
import { button, element } from "../element.ts";
import { jobCommand } from "./job-command.ts";
import type { Result } from "./shown-map.ts";

export interface CommandPanel {
  readonly node: HTMLElement;
  /** The map that is shown. */
  setShown(result: Result | undefined): void;
  /** Shows the command, and puts it on the clipboard where the browser allows it. */
  copy(): Promise<void>;
}

/** The command line that repeats the map that is shown. */
export function commandPanel(): CommandPanel {
  const note = element("p", { class: "hint", role: "status" });
  const text = element("pre", { tabindex: 0, role: "region", "aria-label": "Command that repeats this map" });
  const copyButton = button("Copy", () => void copy(), { class: "quiet" });
  const node = element(
    "details",
    { class: "finding" },
    element("summary", {}, "Command that repeats this map"),
    text,
    element("div", { class: "tools" }, copyButton),
    note,
  );
  const where =
    "Run it in the folder that holds the files that were opened here, or change the paths: a page does not know where they are.";
  const copy = async () => {
    node.open = true;
    if (text.hidden) return;
    // Absent on pages of plain http.
    const clipboard: Clipboard | undefined = navigator.clipboard;
    const isCopied = await clipboard?.writeText(text.textContent).then(
      () => true,
      () => false,
    );
    note.textContent = isCopied
      ? `Copied. ${where}`
      : `The browser does not let this page copy: select the text. ${where}`;
  };
  return {
    node,
    setShown(result) {
      const command = result && commandOf(result);
      node.hidden = command === undefined;
      const isThere = command !== undefined && "text" in command;
      text.hidden = !isThere;
      copyButton.hidden = !isThere;
      text.textContent = isThere ? command.text : "";
      note.textContent = isThere ? where : (command?.reason ?? "");
    },
    copy,
  };
}

/** Undefined for what was found in many maps: the files of a comparison have their own record. */
function commandOf({
  explained,
  drawn,
}: Result): { readonly text: string } | { readonly reason: string } | undefined {
  if (explained === undefined) return undefined;
  const { explanation, model, versions } = explained;
  const kernels = versions.Kernels !== "off";
  const command = jobCommand(explanation, { model, kernels, name: drawn.fileName });
  if (typeof command === "string") return { reason: `There is no command for this map: ${command}.` };
  const { preparation, words } = command;
  return { text: [...(preparation === undefined ? [] : [preparation]), commandLine(words)].join(" &&\n") };
}
