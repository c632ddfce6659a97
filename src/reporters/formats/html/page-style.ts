/** Colours of both themes: text has a contrast of at least 4.5 to its ground, parts of pictures at least 3. */
const colours = `
:root {
  color-scheme: light dark;
  --ground: #f4f6f9; --surface: #ffffff; --raised: #f0f3f7; --line: #d8dee7; --strong-line: #8592a3;
  --text: #18212f; --muted: #55606f; --link: #0a58a8; --focus: #0a58a8;
  --critical: #a3123a; --high: #bf4405; --unknown: #6b46b0; --medium: #8a6100; --low: #2064a8; --negligible: #5c6878;
  --on-severity: #ffffff;
  --good: #14692f; --good-ground: #e6f4ea; --bad: #a3123a; --bad-ground: #fcebef;
  --doubt: #7a5200; --doubt-ground: #fff5da; --neutral: #3f4c5c; --neutral-ground: #e9edf2;
  --shadow: 0 1px 2px rgb(24 33 47 / 8%), 0 1px 6px rgb(24 33 47 / 5%);
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f141b; --surface: #171e27; --raised: #1f2833; --line: #2d3846; --strong-line: #73839a;
    --text: #e7ecf3; --muted: #a5b1c0; --link: #84bdff; --focus: #84bdff;
    --critical: #ff7d93; --high: #ff9c5f; --unknown: #bfa1ff; --medium: #eac14b; --low: #6fb4f8; --negligible: #9eabbb;
    --on-severity: #12171f;
    --good: #7bdc96; --good-ground: #14291b; --bad: #ff8fa2; --bad-ground: #33161d;
    --doubt: #f0cb65; --doubt-ground: #2e2612; --neutral: #c3cedb; --neutral-ground: #222c38;
    --shadow: none;
  }
}
`;

const base = `
*, ::before, ::after { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; }
h1, h2, p, ul, dl, dd, fieldset { margin: 0; padding: 0; }
ul { list-style: none; }
a { color: var(--link); text-underline-offset: .15em; }
a:hover { text-decoration-thickness: .14em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem; }
main:focus { outline: none; }
[hidden] { display: none !important; }
code, pre, .code { font-family: ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, monospace; font-size: .875em; }
.muted, small { color: var(--muted); }
small { display: block; font-weight: 400; font-size: .8125rem; line-height: 1.4; }
svg { display: block; }
.skip { position: absolute; left: -100rem; padding: .5rem 1rem; background: var(--surface); z-index: 2; }
.skip:focus { left: 1rem; top: .5rem; }
.top, main, footer { max-width: 88rem; margin-inline: auto; padding-inline: clamp(1rem, 3vw, 2.5rem); }
.top { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem 1rem; padding-block: 1.25rem; }
.brand { display: flex; align-items: center; gap: .5rem; font-weight: 650; letter-spacing: .01em; }
.mark { width: 1.5rem; height: 1.5rem; color: var(--link); }
.made { margin-left: auto; color: var(--muted); font-size: .875rem; }
footer { padding-block: 2rem 3rem; color: var(--muted); font-size: .875rem; }
`;

const parts = `
.title { padding-block: .75rem 1.5rem; }
.title .kind { color: var(--muted); font-size: .8125rem; font-weight: 600; letter-spacing: .06em; text-transform: uppercase; }
h1 { font-size: clamp(1.5rem, 1.2rem + 1.4vw, 2.125rem); line-height: 1.2; font-weight: 680; letter-spacing: -.015em;
  overflow-wrap: anywhere; }
.facts { display: flex; flex-wrap: wrap; gap: .25rem .625rem; margin-top: .5rem; color: var(--muted); }
.facts li { overflow-wrap: anywhere; }
.facts li + li::before { content: "·"; margin-right: .625rem; }
main > section { background: var(--surface); border: 1px solid var(--line); border-radius: .75rem; box-shadow: var(--shadow);
  padding: clamp(1.25rem, 2.2vw, 1.875rem); margin-bottom: 1.5rem; }
h2 { font-size: 1.25rem; line-height: 1.3; font-weight: 650; letter-spacing: -.005em; margin-bottom: 1rem; }
.count { display: inline-block; min-width: 1.6em; padding: 0 .5em; border-radius: 1em; background: var(--raised);
  color: var(--muted); font-size: .8125rem; font-weight: 600; line-height: 1.6; text-align: center; vertical-align: .1em; }
main > .verdict { display: flex; gap: 1.125rem; background: var(--state-ground); border-color: var(--state);
  border-left-width: .375rem; }
.verdict .icon { flex: none; width: 2.25rem; height: 2.25rem; }
.verdict h2 { font-size: 1.5rem; margin: 0 0 .375rem; color: var(--state); }
.verdict h2 span { font-weight: 400; }
.verdict li { overflow-wrap: anywhere; max-width: 70rem; }
.verdict li + li { margin-top: .25rem; }
.icon { fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; color: var(--state); }
.d-allowed { --state: var(--good); --state-ground: var(--good-ground); }
.d-denied { --state: var(--bad); --state-ground: var(--bad-ground); }
.d-warned, .d-cannot-tell, .d-not-scanned { --state: var(--doubt); --state-ground: var(--doubt-ground); }
.d-not-judged { --state: var(--neutral); --state-ground: var(--neutral-ground); }
.decision { display: inline-flex; align-items: center; gap: .4rem; font-weight: 600; color: var(--state); }
.decision .icon { width: 1.15rem; height: 1.15rem; flex: none; }
.sections { margin-bottom: 1.5rem; }
.sections ul { display: flex; flex-wrap: wrap; gap: .5rem; }
.sections a { display: block; padding: .375rem .875rem; border: 1px solid var(--line); border-radius: 2rem;
  background: var(--surface); color: var(--text); font-size: .9375rem; text-decoration: none; }
.sections a:hover { border-color: var(--link); color: var(--link); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .75rem; margin-bottom: 1.75rem; }
.tiles div { display: flex; flex-direction: column-reverse; justify-content: flex-end; padding: .875rem 1.125rem; border-radius: .625rem;
  background: var(--raised); }
.tiles dt { color: var(--muted); font-size: .875rem; }
.tiles dd { font-size: 1.75rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
.bar { width: 100%; height: .875rem; border-radius: .4375rem; background: var(--raised); }
.bar rect { fill: var(--severity); stroke: var(--surface); stroke-width: 2; vector-effect: non-scaling-stroke; }
.s-critical { --severity: var(--critical); }
.s-high { --severity: var(--high); }
.s-unknown { --severity: var(--unknown); }
.s-medium { --severity: var(--medium); }
.s-low { --severity: var(--low); }
.s-negligible { --severity: var(--negligible); }
.sev { display: inline-block; padding: .0625rem .5rem; border-radius: .3125rem; background: var(--severity);
  color: var(--on-severity); font-size: .8125rem; font-weight: 600; line-height: 1.5; }
.score { color: var(--muted); font-size: .8125rem; font-variant-numeric: tabular-nums; }
.badge { display: inline-block; padding: 0 .4375rem; border: 1px solid var(--bad); border-radius: .3125rem;
  color: var(--bad); font-size: .75rem; font-weight: 600; white-space: nowrap; }
.tag { color: var(--muted); font-size: .75rem; font-weight: 400; }
.counts { display: flex; flex-wrap: wrap; gap: .125rem .875rem; font-size: .875rem; }
.counts li { display: inline-flex; align-items: center; gap: .3rem; white-space: nowrap; }
.counts li::before { content: ""; width: .625rem; height: .625rem; border-radius: .1875rem; background: var(--severity); }
.origins { display: grid; gap: 1.375rem; }
.origins dt, .origins .head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; font-weight: 600; }
.origins .head span { color: var(--muted); font-weight: 400; font-size: .875rem; }
.origins .bar { margin-block: .4375rem .5rem; }
.notice { padding: .75rem 1rem; border-left: .25rem solid var(--doubt); border-radius: .375rem; background: var(--doubt-ground);
  margin-bottom: 1.25rem; }
.good-notice { padding: .75rem 1rem; border-left: .25rem solid var(--strong-line); border-radius: .375rem;
  background: var(--raised); }
.lead { color: var(--muted); margin: -.5rem 0 1.25rem; max-width: 60rem; }
.plain-list li { position: relative; padding-left: 1.25rem; overflow-wrap: anywhere; }
.plain-list li + li { margin-top: .375rem; }
.plain-list li::before { content: "–"; position: absolute; left: .25rem; color: var(--muted); }
h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; font-weight: 650; }
details { margin-top: 1rem; border: 1px solid var(--line); border-radius: .625rem; padding: 0 1rem; }
details[open] { padding-bottom: 1rem; }
summary { padding: .75rem 0; cursor: pointer; font-weight: 600; color: var(--link); }
td details { margin: .25rem 0 0; border: 0; padding: 0; }
td details[open] { padding: 0; }
td summary { padding: .125rem 0; font-weight: 400; font-size: .8125rem; }
.definitions { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem 2.5rem; }
.definitions dt { color: var(--muted); font-size: .8125rem; }
.definitions dd { overflow-wrap: anywhere; }
`;

const tables = `
table { width: 100%; border-collapse: collapse; table-layout: fixed; font-size: .9375rem; }
caption { text-align: left; color: var(--muted); font-size: .875rem; padding-bottom: .625rem; }
th, td { padding: .625rem .75rem; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th:first-child, td:first-child { padding-left: .25rem; }
thead th { position: sticky; top: 0; background: var(--surface); box-shadow: inset 0 -2px var(--line); color: var(--muted);
  font-size: .8125rem; font-weight: 600; vertical-align: bottom; z-index: 1; }
tbody tr { border-bottom: 1px solid var(--line); }
tbody tr:last-child { border-bottom: 0; }
tbody tr:hover { background: var(--raised); }
tbody th, td b { font-weight: 600; }
td > p { margin-top: .125rem; font-size: .875rem; line-height: 1.45; }
.w-tiny { width: 4.5rem; } .w-small { width: 7.75rem; } .w-number { width: 5.5rem; } .w-medium { width: 9.5rem; } .w-id { width: 12rem; }
.number { text-align: right; font-variant-numeric: tabular-nums; }
th.w-number { text-align: right; }
.ids { display: flex; flex-wrap: wrap; gap: .0625rem .75rem; margin-top: .125rem; font-size: .8125rem; }
pre { margin: .375rem 0 0; padding: .5rem .75rem; border-radius: .375rem; background: var(--raised); white-space: pre-wrap;
  overflow-wrap: anywhere; }
table.empty::after { content: "Nothing matches."; display: block; padding: 1.5rem .25rem;
  color: var(--muted); }
.filter { display: flex; flex-wrap: wrap; align-items: end; gap: .875rem 1rem; padding: 1rem 1.125rem; margin-bottom: 1.25rem;
  border-radius: .625rem; background: var(--raised); }
.filter .search { flex: 1 1 16rem; }
.filter label > span, legend { display: block; color: var(--muted); font-size: .8125rem; margin-bottom: .25rem; }
legend { padding: 0; }
.filter input[type=search], select, .filter button { width: 100%; min-height: 2.5rem; padding: .375rem .75rem; font: inherit;
  color: var(--text); background: var(--surface); border: 1px solid var(--strong-line); border-radius: .4375rem; }
.filter button { width: auto; cursor: pointer; }
.filter button:hover { border-color: var(--link); color: var(--link); }
fieldset { border: 0; min-width: 0; display: flex; flex-wrap: wrap; gap: .375rem; }
fieldset label { cursor: pointer; }
.filter fieldset label > span { margin: 0; padding: .5rem .875rem; border: 1px solid var(--strong-line); border-radius: 2rem;
  line-height: 1.5;
  background: var(--surface); color: var(--text); font-size: .875rem; }
fieldset input { position: absolute; opacity: 0; }
.filter fieldset input:checked + span { background: var(--link); border-color: var(--link); color: var(--surface); }
.filter fieldset input:checked + span::before { content: "✓ "; }
fieldset input:focus-visible + span { outline: 3px solid var(--focus); outline-offset: 2px; }
.status { flex: 1 0 12rem; text-align: right; font-size: .875rem; color: var(--muted); font-variant-numeric: tabular-nums; }
.grid, .grid caption, .grid thead, .grid tbody { display: block; }
.grid tr { display: grid; grid-template-columns: var(--columns); }
.grid td, .grid th { min-width: 0; }
.grid tbody tr { content-visibility: auto; contain-intrinsic-size: auto 5rem; }
.grid .w-small, .grid .w-medium { width: auto; }
.g-findings { --columns: 7.75rem minmax(0, 4fr) minmax(0, 4fr) minmax(0, 2fr) minmax(0, 2fr) 7.5rem; }
.g-findings-without-origin { --columns: 7.75rem minmax(0, 4fr) minmax(0, 4fr) minmax(0, 2fr) minmax(0, 2fr); }
.g-failures { --columns: 7.75rem minmax(0, 4fr) minmax(0, 3fr) minmax(0, 4fr) minmax(0, 5fr); }
.g-images { --columns: 11rem minmax(0, 4fr) minmax(0, 4fr) minmax(0, 4fr); }
.scroll + .notice { margin-top: 1.25rem; }
@media (max-width: 62rem) {
  .scroll { overflow-x: auto; }
  .scroll table { min-width: 58rem; }
  thead th { position: static; }
}
@media (max-width: 48rem) {
  .scroll .grid { min-width: 0; }
  .grid thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  .grid tr { grid-template-columns: minmax(0, 1fr); gap: .375rem; padding-block: .875rem; }
  .grid td { padding: 0; }
  .g-findings td:nth-child(4)::before, .g-findings-without-origin td:nth-child(4)::before { content: "installed: "; }
  .g-findings td:nth-child(5)::before, .g-findings-without-origin td:nth-child(5)::before { content: "fixed in: "; }
  .filter .list, .filter .list select { flex: 1 1 9rem; width: 100%; }
  .made { margin-left: 0; flex-basis: 100%; }
}
@media print {
  :root { color-scheme: light; }
  body { background: none; font-size: 9.5pt; }
  .skip, .sections, .filter, .made { display: none !important; }
  .top, main, footer { max-width: none; padding-inline: 0; }
  main > section { box-shadow: none; break-inside: auto; }
  .grid tbody tr { content-visibility: visible; }
  tr, .verdict, .tiles { break-inside: avoid; }
  thead { display: table-header-group; }
  thead th { position: static; }
  .scroll table { min-width: 0; }
  table { font-size: 8.5pt; }
  details::details-content { content-visibility: visible; block-size: auto; }
  .sev, .bar, .bar rect, main > .verdict, .counts li::before { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;

/** The style of every page. The policy of the page names its hash. */
export const pageStyle: string = colours + base + parts + tables;
