import { createHash } from 'node:crypto';

/** The whole style of the explanation page. Colours are checked for contrast in both schemes (WCAG AA). */
export const EXPLANATION_STYLE = `
:root{color-scheme:light dark;--ink:#1a1d21;--quiet:#565d66;--paper:#fff;--panel:#f4f5f7;--line:#d9dce1;--bad:#a8201a;--wait:#8a5300;--good:#1d6b35;--code:#f0f1f4;--mark:#fff1c9;--link:#1a56b0}
@media(prefers-color-scheme:dark){:root{--ink:#e8eaed;--quiet:#a9b0ba;--paper:#16181b;--panel:#1f2226;--line:#383d44;--bad:#ff8f87;--wait:#f2b661;--good:#7fd398;--code:#25292e;--mark:#4a3c12;--link:#8ab8ff}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:50rem;margin:0 auto;padding:2rem 1.25rem 4rem}
header p{margin:.2rem 0}
.brand{color:var(--quiet);font-size:.9rem;letter-spacing:.02em}
h1{margin:.25rem 0 .5rem;font-size:1.7rem;line-height:1.25}
h2{margin:2.25rem 0 .5rem;font-size:1.15rem}
h3{margin:0 0 .35rem;font-size:1rem;overflow-wrap:anywhere}
.verdict{border-left:.35rem solid var(--tone);padding:.1rem 0 .1rem 1rem}
.verdict h1{color:var(--tone)}
.refuse{--tone:var(--bad)}.quarantine,.needs-scan{--tone:var(--wait)}.allow{--tone:var(--good)}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1.25rem;margin:1.5rem 0;padding:1rem;background:var(--panel);border-radius:.5rem}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
ul{margin:.5rem 0;padding-left:1.3rem}li{margin:.3rem 0}
code,pre{font-family:ui-monospace,"Cascadia Code",Menlo,Consolas,monospace;font-size:.875rem}
code{background:var(--code);border-radius:.25rem;padding:.1em .3em;overflow-wrap:anywhere}
pre{background:var(--code);border-radius:.4rem;padding:.75rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
pre code{background:none;padding:0}
article{border:1px solid var(--line);border-radius:.5rem;padding:1rem;margin:.75rem 0}
.where{color:var(--quiet);font-size:.9rem;overflow-wrap:anywhere;margin:.1rem 0}
.level{display:inline-block;font-size:.75rem;font-weight:600;text-transform:uppercase;letter-spacing:.04em;border:1px solid currentColor;border-radius:1rem;padding:0 .6em;margin-right:.5em}
.critical,.high{color:var(--bad)}.medium{color:var(--wait)}.low,.info{color:var(--quiet)}
ol{margin:.5rem 0 0;padding-left:1.3rem}ol li{margin:.35rem 0}
.label{font-weight:600;margin:.75rem 0 0}
.decoded{background:var(--mark)}
textarea{display:block;width:100%;background:var(--code);color:var(--ink);border:1px solid var(--line);border-radius:.4rem;padding:.75rem;margin:.25rem 0 .75rem;font:.875rem/1.5 ui-monospace,"Cascadia Code",Menlo,Consolas,monospace;resize:vertical}
a{color:var(--link)}.links a{margin-right:1.25rem}
:focus-visible{outline:.2rem solid var(--link);outline-offset:.1rem}
footer{margin-top:3rem;padding-top:1rem;border-top:1px solid var(--line);color:var(--quiet);font-size:.85rem}
@media(max-width:36rem){dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:.6rem}}
`;

/** For the Content-Security-Policy: this style and nothing else runs or loads. */
export const EXPLANATION_STYLE_HASH = `sha256-${createHash('sha256').update(EXPLANATION_STYLE).digest('base64')}`;
