import { recall, remember } from "./remembered.ts";

/**
 * Starts the service worker of the built page. Where the server sends no headers that isolate the page, it is loaded
 * once more, through the service worker, which adds them. `onKept` is called when all files are kept.
 */
export async function workOffline(page: Document, onKept: () => void): Promise<void> {
  const script = page.querySelector<HTMLLinkElement>("link[rel=serviceworker]")?.href;
  const workers: ServiceWorkerContainer | undefined = navigator.serviceWorker;
  if (script === undefined || workers === undefined) return;
  workers.addEventListener("message", ({ data }) => {
    if (data === "kept") onKept();
  });
  await workers.register(script);
  const { active } = await workers.ready;
  if (!crossOriginIsolated && !hasReloaded()) {
    if (workers.controller === null) {
      await new Promise((resolve) => workers.addEventListener("controllerchange", resolve, { once: true }));
    }
    location.reload();
    return;
  }
  active?.postMessage("keep");
}

/** Once only: some browsers cannot be isolated in this way. */
function hasReloaded(): boolean {
  const key = "voxplain-reloaded";
  return recall(key, "this") !== undefined || !remember(key, "yes", "this");
}
