/** The style sheet of the page: light and dark, on screens and on paper. */
export const style = `
:root { color-scheme: light dark; --ink: #1d2733; --soft: #55616f; --paper: #ffffff; --panel: #f3f5f8; --line: #cfd6de; --accent: #0b5cad; --note: #fff4d6; --note-ink: #4d3800; --mark: #0a6b3d; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e9ef; --soft: #a4b0bd; --paper: #12171d; --panel: #1b222b; --line: #38434f; --accent: #7db8f5; --note: #3b3010; --note-ink: #ffe7a8; --mark: #6fd6a3; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { margin: 0; color: var(--ink); background: var(--paper); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; overflow-wrap: anywhere; }
header, main, footer { max-width: 62rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 1.5rem; }
h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 .3rem; }
h2 { font-size: 1.4rem; margin: 2.6rem 0 .6rem; padding-top: .8rem; border-top: 2px solid var(--line); }
h3 { font-size: 1.1rem; margin: 1.6rem 0 .4rem; }
p { margin: .5rem 0; max-width: 46rem; }
a { color: var(--accent); }
a:focus-visible, summary:focus-visible, .scroll:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.soft, figcaption, caption { color: var(--soft); font-size: .92rem; }
.notice { background: var(--note); color: var(--note-ink); border-left: 5px solid currentColor; padding: .6rem .9rem; margin: 1rem 0; max-width: none; }
nav ul, ul.plain { list-style: none; padding: 0; margin: .4rem 0; }
nav ul { columns: 20rem auto; }
dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr)); gap: .35rem 1.4rem; margin: .6rem 0; }
dt { color: var(--soft); font-size: .85rem; }
dd { margin: 0; }
figure { margin: 1rem 0; }
.zoom > summary { display: block; cursor: zoom-in; overflow: auto; position: relative; padding-top: 1.5rem; background: #000; border-radius: 4px; }
.zoom > summary::-webkit-details-marker { display: none; }
.zoom img { display: block; width: 100%; max-width: 900px; height: auto; margin: 0 auto; }
.zoom[open] > summary { cursor: zoom-out; max-height: 90vh; }
.zoom[open] img { width: 250%; max-width: none; image-rendering: pixelated; }
.hint { position: absolute; right: .5rem; top: .2rem; font-size: .75rem; line-height: 1.1rem; color: #fff; }
.hint::after { content: "enlarge"; }
.zoom[open] .hint::after { content: "reduce"; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(22rem, 100%), 1fr)); gap: 0 1rem; }
.scroll { overflow-x: auto; margin: .7rem 0; }
table { overflow-wrap: normal; border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .2rem 0; }
th, td { padding: .22rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom: 2px solid var(--line); }
tbody th { font-weight: 500; }
tbody th, caption { white-space: nowrap; }
.number { text-align: right; white-space: nowrap; }
.significant { color: var(--mark); font-weight: 700; }
.more { margin: .6rem 0; }
.more > summary { cursor: pointer; color: var(--accent); }
pre, code { font: .84rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--panel); padding: .7rem .9rem; white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0; border-radius: 4px; }
.paste { background: var(--panel); padding: .3rem 1rem; border-radius: 4px; }
.paste p { max-width: none; }
svg { max-width: 100%; height: auto; color: var(--ink); }
svg .bar { fill: var(--accent); } svg .rest { fill: var(--line); } svg .axis { stroke: var(--soft); } svg .seen { stroke: var(--mark); stroke-width: 2; } svg text { fill: var(--soft); font-size: 11px; }
footer { margin-top: 3rem; padding-bottom: 2rem; border-top: 1px solid var(--line); }
@media print {
  :root { color-scheme: light; --ink: #000; --soft: #333; --paper: #fff; --panel: #f6f6f6; --line: #bbb; --accent: #003a75; --note: #fff; --note-ink: #000; --mark: #00522b; }
  body { font-size: 10pt; } header, main, footer { max-width: none; padding: 0; }
  h2, h3, h4, caption { break-after: avoid; } section { break-before: page; } section:first-child { break-before: auto; } figure, tr, dl > div, .notice { break-inside: avoid; } thead { display: table-header-group; }
  nav, .hint, .screen, details.more > summary { display: none; } .scroll { overflow: visible; } table { font-size: 7.5pt; overflow-wrap: anywhere; } th, td { padding: .15rem .25rem; } thead th { overflow-wrap: normal; } tbody th { white-space: normal; }
  .zoom[open] img { width: 100%; } .zoom > summary { overflow: visible; padding-top: 0; background: none; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  details.more::details-content { content-visibility: visible; block-size: auto; }
}
`;
