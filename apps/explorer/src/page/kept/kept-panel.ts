import { button, element } from "../../element.ts";

export interface KeptPanelEvents {
  onForget(): void;
  /** The address to share; undefined where files were opened that are on this machine only. */
  link(): string | undefined;
  onCopied(message: string): void;
}

/** What the browser keeps, with the button that forgets it, and a link to share. */
export function keptPanel({ onForget, link, onCopied }: KeptPanelEvents): HTMLElement {
  const copy = button("Copy link", () => void share(), {
    class: "quiet",
    title: "An address that opens the same files from the same places, and computes the same map",
  });
  const share = async () => {
    const address = link();
    if (address === undefined) {
      onCopied(
        "These files are on this machine only: a link can name files that are on the host of this page.",
      );
      return;
    }
    await navigator.clipboard.writeText(address);
    onCopied("The link is copied.");
  };
  const forget = button("Forget all", onForget, {
    class: "quiet",
    title: "Removes the files and maps that this browser keeps for the next visit",
  });
  return element(
    "div",
    { class: "stack" },
    element(
      "p",
      { class: "hint" },
      "Your files and maps stay in this browser until you forget them, and are there again when the page is loaded.",
    ),
    element("div", { class: "tools" }, copy, forget),
  );
}
