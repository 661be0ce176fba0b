import { deskAsked } from "./page/desk-asked.ts";
import { isolate, registerWorker } from "./page/offline.ts";
import { showStart } from "./page/start.ts";

// Another address asks for another desk: what is open is kept, and found again.
addEventListener("hashchange", () => location.reload());
const asked = deskAsked(location.hash);
if (asked === undefined) {
  document.documentElement.classList.remove("asks-for-desk");
  showStart(document);
  void registerWorker(document);
} else if (!(await isolate(document))) {
  const { openDesk } = await import("./page/desk.ts");
  await openDesk(document, asked);
}
