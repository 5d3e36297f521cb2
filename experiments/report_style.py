"""How the brief looks: on a screen in one language at a time, on A4 paper in both, one after the other."""

STYLE = """
:root { color-scheme: light; --ink: #1d2527; --soft: #5c6769; --faint: #d9dedd; --mark: #00798c; --wash: #f3f6f6; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem; color: var(--ink); background: #fff;
  font: 16px/1.6 "Noto Sans SC", "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei",
  system-ui, sans-serif; }
h1 { font-size: 1.7rem; line-height: 1.3; margin: 0.6rem 0 0.2rem; }
h2 { font-size: 1.2rem; margin: 2.4rem 0 0.6rem; padding-top: 0.6rem; border-top: 3px solid var(--mark); }
h3 { font-size: 1rem; margin: 1.4rem 0 0.4rem; }
p { margin: 0.5rem 0; }
table { border-collapse: collapse; width: 100%; font-size: 0.88rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.3rem 0.5rem; border-bottom: 1px solid var(--faint); text-align: right; vertical-align: top; }
th { font-weight: 500; } thead th { border-bottom: 2px solid var(--soft); color: var(--soft); vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; }
.scroll { overflow-x: auto; } img { max-width: 100%; height: auto; display: block; }
figure { margin: 0.8rem 0; }
.note, footer, .sub { color: var(--soft); font-size: 0.88rem; }
.cards { display: flex; flex-wrap: wrap; gap: 0.8rem; margin: 1rem 0; }
.card { flex: 1 1 13rem; background: var(--wash); border-left: 5px solid var(--mark); padding: 0.7rem 0.9rem; }
.card b { display: block; font-size: 1.9rem; line-height: 1.25; font-weight: 600; }
.card span { display: block; color: var(--soft); font-size: 0.88rem; }
.card .odds strong { display: block; white-space: nowrap; }
.card .odds { color: var(--ink); font-size: 1rem; margin-top: 0.3rem; }
.light { white-space: nowrap; } .light i { font-style: normal; font-size: 1.05rem; margin-right: 0.25rem; }
.range { display: block; color: var(--soft); font-size: 0.8rem; }
ul { margin: 0.3rem 0; padding-left: 1.2rem; } li { margin: 0.25rem 0; }
input[name=language] { position: absolute; opacity: 0; }
label { display: inline-block; padding: 0.2rem 0.9rem; border: 1px solid var(--faint); cursor: pointer; }
#in-zh:checked ~ nav label[for=in-zh], #in-en:checked ~ nav label[for=in-en] { background: var(--mark); color: #fff; }
#in-zh:focus-visible ~ nav label[for=in-zh], #in-en:focus-visible ~ nav label[for=in-en] { outline: 3px solid #edae49; }
main { display: none; } #in-zh:checked ~ main[lang=zh-CN], #in-en:checked ~ main[lang=en] { display: block; }
@page { size: A4; margin: 15mm 14mm; }
@media print {
  html { font-size: 10pt; } body { max-width: none; padding: 0; font-size: 10pt; line-height: 1.5; }
  nav, input[name=language] { display: none; } main { display: block !important; }
  main + main { break-before: page; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .scroll { overflow: visible; } table { font-size: 8.5pt; } .cards { flex-wrap: nowrap; }
  h1 { font-size: 18pt; } h2 { font-size: 13pt; margin-top: 1.4rem; }
  h2, h3, caption { break-after: avoid; } figure, tr, .card, .keep, li { break-inside: avoid; }
  thead { display: table-header-group; } img { max-height: 150mm; width: auto; margin: 0 auto; }
  .lights th, .lights td { padding: 0.12rem 0.4rem; } .annex { break-before: page; }
  .card b { font-size: 1.7rem; } h2 { break-inside: avoid; }
}
"""
