// Runs before anything is drawn: neither the first picture nor another theme flashes up where they are not wanted.
document.documentElement.classList.toggle("asks-for-desk", location.hash.length > 1);
try {
  document.documentElement.dataset.theme = localStorage.getItem("voxplain-theme") ?? "system";
} catch {
  // The browser keeps nothing for pages.
}
