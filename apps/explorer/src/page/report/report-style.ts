/** How a report looks, on a screen and on paper. */
export const reportStyle = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; margin: 0; }
h2 { font-size: 1.1rem; margin: 2rem 0 0.5rem; }
header p, footer p { color: GrayText; margin: 0.25rem 0; }
footer { margin-top: 2rem; border-top: 1px solid GrayText; }
figure { margin: 1.5rem 0; break-inside: avoid; }
img { display: block; max-width: 100%; background: #000; }
figcaption { font-size: 0.9rem; margin-top: 0.5rem; }
table { border-collapse: collapse; width: 100%; font-size: 0.95rem; }
th { text-align: left; font-weight: 500; width: 16rem; }
th, td { padding: 0.3rem 0.75rem 0.3rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); vertical-align: top; overflow-wrap: anywhere; }
@media print { body { margin: 0; } }
`;
