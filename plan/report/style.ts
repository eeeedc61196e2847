// How the page of a report looks: on a screen, on a phone, in the dark, on paper. Paper has no type below 8 pt: room comes from two columns and rows that flow.
export const style = `
:root { color-scheme: light dark; --ink: #1b1f24; --soft: #57606a; --line: #d0d7de; --page: #fff; --good: #1a7f37; --bad: #b42318; --open: #8a5a00; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6edf3; --soft: #9aa4af; --line: #30363d; --page: #0d1117; --good: #4ac26b; --bad: #ff7b72; --open: #d9a441; } }
body { margin: 0 auto; max-width: 64rem; padding: 1rem; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; margin-bottom: 0; } h2 { border-bottom: 1px solid var(--line); margin-top: 2rem; } h3 { margin-bottom: .3rem; } h4 { margin: .8rem 0 .2rem; }
header p, figcaption, dt { color: var(--soft); } .note { border-left: 4px solid var(--open); padding-left: .7rem; } ul { padding-left: 1.3rem; }
dl { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: .6rem 1.2rem; } dt { font-size: .85rem; } dd { margin: 0; font-weight: 600; } dl .long { grid-column: 1 / -1; } .checklist { list-style: none; padding: 0; }
table { width: 100%; border-collapse: collapse; } th, td { text-align: left; vertical-align: top; padding: .25rem .6rem .25rem 0; border-bottom: 1px solid var(--line); font-weight: 400; } thead th { font-weight: 600; } code { font-size: .85em; } pre { font-size: .8em; white-space: pre-wrap; overflow-wrap: anywhere; margin: .3rem 0; }
.rows td:nth-child(2) { overflow-wrap: normal; width: 6.5rem; } .rows th[scope=row] { width: 30%; }
.wide td, .wide th { overflow-wrap: break-word; } .wide .short { white-space: nowrap; } .wide [data-label=window] { min-width: 12.5em; }
.pass { color: var(--good); } .fail { color: var(--bad); font-weight: 600; } .inconclusive { color: var(--open); } .open { color: var(--soft); }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(25rem, 100%), 1fr)); gap: 0 2rem; } .courses { display: grid; grid-template-columns: repeat(auto-fill, minmax(13rem, 1fr)); gap: 0 1.5rem; }
figure { margin: .7rem 0; } svg { display: block; width: 100%; max-width: 32rem; height: auto; font: 15px system-ui, sans-serif; } .courses svg { max-width: 15rem; } .courses figcaption { font-size: .85rem; } svg text { fill: var(--ink); stroke: var(--page); stroke-width: 3px; paint-order: stroke; } svg text.mark { fill: var(--soft); font-size: 13px; } svg line { stroke: var(--soft); stroke-dasharray: 4 3; } svg polyline { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
rect.pass { fill: var(--good); } rect.fail { fill: var(--bad); } rect.inconclusive { fill: var(--open); } rect.open { fill: var(--soft); }
@media screen and (max-width: 44rem) {
  thead { position: absolute; clip-path: inset(50%); } tr { display: block; border-bottom: 1px solid var(--line); padding: .4rem 0; } th, td { display: block; border: 0; padding: 0; }
  .wide td::before { content: attr(data-label) ": "; color: var(--soft); } .wide .short { display: inline-block; margin-right: .9rem; } .rows th[scope=row], .rows td:nth-child(2) { display: inline; width: auto; padding-right: .5rem; }
}
@media print {
  @page { margin: 10mm; }
  :root { --ink: #000; --page: #fff; --soft: #444; --line: #bbb; --good: #1a7f37; --bad: #b42318; --open: #8a5a00; }
  body { font-size: 8pt; line-height: 1.1; max-width: none; padding: 0; } h1 { font-size: 14pt; margin-top: 0; } h2 { font-size: 11pt; margin: .5rem 0 .15rem; } h3 { font-size: 9pt; margin: .3rem 0 .1rem; } h4 { font-size: 8pt; margin: .2rem 0 .1rem; } p, ul, dl { margin: .1rem 0; } h2, h3, h4 { break-after: avoid; }
  dl { grid-template-columns: 1fr 1fr 1fr; gap: .2rem 1rem; } dt, code, .courses figcaption { font-size: 8pt; } code { font-family: inherit; font-weight: 600; }
  tr, figure, li { break-inside: avoid; } th, td { padding: 0 .4rem 0 0; } .wide [data-label=window] { min-width: 0; } figure { margin: .1rem 0; }
  .charts { display: block; columns: 2; column-gap: 1.5rem; } .courses { grid-template-columns: repeat(5, 1fr); gap: 0 .8rem; } .courses svg text.mark { font-size: 18px; }
  .flow { columns: 2; column-gap: 1.5rem; } .flow > :first-child { margin-top: 0; }
  .flow thead { display: none; } .flow table, .flow tbody, .flow tr { display: block; } .flow tr { border-bottom: .5px solid var(--line); } .flow th[scope=row], .flow td { display: inline; border: 0; padding: 0; } .flow .rows td::before { content: " "; } .flow .wide td::before { content: " · "; }
}
`;
