// Keeps the page's files, so that it works without a network; and isolates the page where the server sends no
// such headers, so that WebAssembly has threads. The build puts `self.shipped` above this line.
//
// A visitor who only looks at the first picture loads no more than that picture needs: these files are kept at once, and all
// others, which are a hundred times as many bytes, when a page asks for it because it was used.

const { version, first, files } = self.shipped;
const prefix = "voxplain-explorer-";
const cacheName = `${prefix}${version}`;

// Pages that are open keep the version that they began with: a new one is kept beside it, and takes over when they
// are closed.
self.addEventListener("install", (event) => {
  if (self.registration.active === null) event.waitUntil(Promise.all([keep(first), self.skipWaiting()]));
  else event.waitUntil(wasUsed().then((used) => keep(used ? files : first)));
});
self.addEventListener("activate", (event) => {
  event.waitUntil(Promise.all([forgetOtherVersions(), self.clients.claim()]));
});

self.addEventListener("message", (event) => {
  if (event.data !== "keep") return;
  event.waitUntil(keep(files).then(() => event.source.postMessage("kept")));
});

self.addEventListener("fetch", (event) => {
  const { method, url } = event.request;
  if (method !== "GET" || new URL(url).origin !== self.location.origin) return;
  event.respondWith(answer(event.request));
});

/** Whether all files of the version before are kept, as they are where it was used. */
async function wasUsed() {
  for (const name of await caches.keys()) {
    if (!name.startsWith(prefix) || name === cacheName) continue;
    const kept = await (await caches.open(name)).keys();
    if (kept.some(({ url }) => url.endsWith(".wasm"))) return true;
  }
  return false;
}

async function keep(wanted) {
  const cache = await caches.open(cacheName);
  const kept = new Set((await cache.keys()).map(({ url }) => url));
  const missing = wanted.filter((file) => !kept.has(new URL(file, self.location.href).href));
  // Not from the browser's own cache, which may hold another version of files without a hash in their names.
  for (const file of missing) await cache.add(new Request(file, { cache: "no-cache" }));
}

async function forgetOtherVersions() {
  const names = await caches.keys();
  const others = names.filter((name) => name.startsWith(prefix) && name !== cacheName);
  await Promise.all(others.map((name) => caches.delete(name)));
}

async function answer(request) {
  const cache = await caches.open(cacheName);
  const kept = await cache.match(request, { ignoreSearch: true });
  if (kept !== undefined) return isolated(kept);
  const response = await fetch(request);
  // Large files that few need, those of WebGPU, are not in the list: they are kept when they are used.
  if (response.status === 200 && request.destination !== "document")
    await cache.put(request, response.clone());
  return isolated(response);
}

/** What the server may not say: no other page may look into this one, and this one embeds nothing of others. */
function isolated(response) {
  if (response.status === 0 || response.type === "error") return response;
  const headers = new Headers(response.headers);
  headers.set("Cross-Origin-Opener-Policy", "same-origin");
  headers.set("Cross-Origin-Embedder-Policy", "require-corp");
  headers.set("Cross-Origin-Resource-Policy", "same-origin");
  const { status, statusText } = response;
  return new Response(response.body, { status, statusText, headers });
}
