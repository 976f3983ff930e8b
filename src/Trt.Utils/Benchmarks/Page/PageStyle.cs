namespace Trt.Utils;

/// <summary>The style of a benchmark's page: light or dark as the reader's system is, one column on a phone, plain on paper.</summary>
internal static class PageStyle
{
    /// <summary>Below this width in pixels charts and tables have their narrow form.</summary>
    public const int Narrow = 640;

    public static readonly string Css = """
        :root {
          color-scheme: light dark;
          --page: #f6f7f9; --card: #ffffff; --line: #d9dee5; --grid: #e6eaef; --text: #17202b; --soft: #566273;
          --accent: #1f5fbf; --bar: #3b7ddd; --band: #bcd3f5; --warn-line: #b7791f; --warn-back: #fff7e6;
          --enqueue: #b4650a; --h2d: #1f6fd1; --compute: #1b8a4b; --d2h: #8440c9; --mark: #c2262e;
        }
        @media (prefers-color-scheme: dark) {
          :root {
            --page: #0f1318; --card: #181e26; --line: #2d3743; --grid: #26303b; --text: #e7ecf2; --soft: #a3b0c0;
            --accent: #7fb2ff; --bar: #5b9bf5; --band: #274a7a; --warn-line: #d9a441; --warn-back: #2b2413;
            --enqueue: #e79b45; --h2d: #62a8ff; --compute: #4cc483; --d2h: #bd8cf5; --mark: #ff7b80;
          }
        }
        * { box-sizing: border-box; }
        body { overflow-wrap: anywhere; margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 2rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; margin: 0; overflow-wrap: anywhere; }
        h2 { font-size: 1.1rem; margin: 0 0 .5rem; }
        p { margin: .25rem 0; }
        header p, .note, footer { color: var(--soft); overflow-wrap: anywhere; }
        .note { font-size: .87rem; margin-top: .5rem; }
        footer { font-size: .87rem; margin-top: 1.5rem; }
        section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; margin-top: 1rem; }
        .figures { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: .75rem; margin: 1rem 0 0; }
        .figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .7rem .9rem; }
        .figures dt { color: var(--soft); font-size: .87rem; }
        .figures dd { margin: 0; }
        .figures dd:first-of-type { white-space: nowrap; font-size: 1.45rem; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
        .figures dd:first-of-type small { font-size: .9rem; font-weight: 400; color: var(--soft); }
        .figures dd + dd { color: var(--soft); font-size: .8rem; font-variant-numeric: tabular-nums; }
        .warnings { border-color: var(--warn-line); background: var(--warn-back); }
        .warnings ul { margin: 0; padding-left: 1.2rem; }
        svg { display: block; width: 100%; height: auto; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        svg text { fill: var(--soft); font-variant-numeric: tabular-nums; }
        svg .strong { fill: var(--text); }
        .grid { stroke: var(--grid); } .axis { stroke: var(--line); }
        .bar { fill: var(--bar); } .band { fill: var(--band); } .mean { stroke: var(--accent); fill: none; stroke-width: 1.5; }
        .mark { stroke: var(--mark); stroke-width: 1.25; } .mark.dotted { stroke-dasharray: 3 3; }
        .peak { fill: var(--mark); }
        .enqueue { fill: var(--enqueue); } .h2d { fill: var(--h2d); } .compute { fill: var(--compute); } .d2h { fill: var(--d2h); }
        .odd { opacity: .62; }
        .slim { display: none; }
        .scroll {
          overflow-x: auto;
          background: linear-gradient(to right, var(--card) 30%, transparent) left / 2rem 100%, linear-gradient(to left, var(--card) 30%, transparent) right / 2rem 100%,
            linear-gradient(to right, var(--line), transparent) left / .7rem 100%, linear-gradient(to left, var(--line), transparent) right / .7rem 100%;
          background-repeat: no-repeat; background-attachment: local, local, scroll, scroll;
        }
        .scroll:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
        table { border-collapse: collapse; width: 100%; }
        caption { text-align: left; color: var(--soft); font-size: .87rem; padding-bottom: .25rem; }
        th, td { text-align: right; padding: .28rem .5rem; border-bottom: 1px solid var(--grid); font-variant-numeric: tabular-nums; white-space: nowrap; }
        th { font-weight: 600; }
        thead th { color: var(--soft); font-weight: 500; }
        th:first-child { text-align: left; }
        tbody tr.sub th { font-weight: 400; color: var(--soft); padding-left: 1.4rem; }
        tbody tr.sub td { color: var(--soft); }
        .layers th:first-child { white-space: normal; overflow-wrap: anywhere; font-weight: 400; min-width: 8rem; }
        .layers td.share { width: 30%; }
        .meter { display: block; height: .5rem; margin-top: .2rem; background: var(--grid); border-radius: 3px; overflow: hidden; }
        .meter i { display: block; height: 100%; background: var(--bar); }
        .facts { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem; margin: 0; }
        .facts dt { color: var(--soft); }
        .facts dd { margin: 0; overflow-wrap: anywhere; }
        @media (max-width: NARROWpx) {
          main { padding: 1rem .6rem 1.5rem; }
          section { padding: .8rem .7rem; }
          h1 { font-size: 1.3rem; }
          .figures { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: .5rem; }
          .figures dd:first-of-type { font-size: 1.2rem; }
          .wide { display: none; }
          .slim { display: block; }
          th, td { padding: .28rem .2rem; font-size: .8rem; }
          tbody tr.sub th { padding-left: .6rem; }
          .scroll th, .scroll td { padding: .28rem .13rem; font-size: .75rem; }
          .layers .extra { display: none; }
          .layers td.share { width: 26%; }
          .layers th:first-child { min-width: 0; }
          .facts { grid-template-columns: 1fr; gap: 0; }
          .facts dd { margin-bottom: .4rem; }
        }
        @media print {
          :root {
            color-scheme: light;
            --page: #ffffff; --card: #ffffff; --line: #bbbbbb; --grid: #dddddd; --text: #000000; --soft: #444444;
            --accent: #1f5fbf; --bar: #3b7ddd; --band: #bcd3f5; --warn-line: #b7791f; --warn-back: #ffffff;
            --enqueue: #b4650a; --h2d: #1f6fd1; --compute: #1b8a4b; --d2h: #8440c9; --mark: #c2262e;
          }
          * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          main { max-width: none; padding: 0; }
          section, .figures div { break-inside: avoid; }
          section.long { break-inside: auto; }
          thead { display: table-header-group; }
          tr { break-inside: avoid; }
          .scroll { overflow: visible; background: none; }
        }
        """.Replace("NARROW", Narrow.ToString(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal).ReplaceLineEndings("\n");
}
