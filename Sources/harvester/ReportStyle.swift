/// How a report looks, by day and by night.
enum ReportStyle {
  static let sheet = """
    :root { --ink: #1c2430; --soft: #667085; --rule: #e4e7ec; --ground: #ffffff; --card: #f7f8fa;
      --c0: #0f766e; --c1: #3b5bdb; --c2: #d97706; --c3: #a21caf; --c4: #98a2b3;
      --gain: #0f766e; --loss: #c2410c; --held: #0f766e1f; }
    @media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --rule: #2b3340;
      --ground: #11161d; --card: #1a212b; --c0: #2dd4bf; --c1: #8ea6ff; --c2: #fbbf24; --c3: #e879f9;
      --c4: #667085; --gain: #2dd4bf; --loss: #fb923c; --held: #2dd4bf26; } }
    * { box-sizing: border-box; }
    body { margin: 0 auto; max-width: 1040px; padding: 40px 24px 80px; color: var(--ink);
      background: var(--ground); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
    h1 { font-size: 26px; margin: 0; font-weight: 650; letter-spacing: -0.01em; }
    h2 { font-size: 15px; margin: 0 0 8px; font-weight: 600; }
    header p, .note { color: var(--soft); margin: 4px 0 0; }
    .note { font-size: 13px; max-width: 80ch; margin-top: 10px; }
    section { margin-top: 36px; }
    .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(160px, 1fr)); gap: 12px; }
    .tiles div { background: var(--card); border-radius: 10px; padding: 14px 16px; }
    .tiles b { display: block; font-size: 22px; font-weight: 650; font-variant-numeric: tabular-nums; }
    .tiles span { color: var(--soft); font-size: 13px; }
    svg { width: 100%; height: auto; display: block; }
    .line { fill: none; stroke-width: 1.5; stroke-linejoin: round; }
    .line.s0 { stroke-width: 2.25; }
    .s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .s2 { stroke: var(--c2); }
    .s3 { stroke: var(--c3); } .s4 { stroke: var(--c4); }
    .area { stroke: none; fill: var(--c0); opacity: 0.15; }
    .grid { stroke: var(--rule); } .zero { stroke: var(--soft); opacity: 0.6; }
    .mark { stroke: var(--soft); stroke-dasharray: 4 4; opacity: 0.8; }
    .held { fill: var(--held); }
    .tick, .name { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
    .legend { margin: 0 0 6px; font-size: 13px; color: var(--soft); display: flex; flex-wrap: wrap;
      gap: 4px 18px; }
    .legend i { display: inline-block; width: 14px; height: 3px; border-radius: 2px; margin-right: 6px;
      vertical-align: middle; }
    .legend .s0 { background: var(--c0); } .legend .s1 { background: var(--c1); }
    .legend .s2 { background: var(--c2); } .legend .s3 { background: var(--c3); }
    .legend .s4 { background: var(--c4); }
    .legend .held { background: var(--held); height: 12px; }
    .scroll { overflow-x: auto; }
    table { border-collapse: collapse; width: 100%; font-size: 13px;
      font-variant-numeric: tabular-nums; }
    th { color: var(--soft); font-weight: 500; }
    th, td { text-align: right; padding: 6px 8px; border-bottom: 1px solid var(--rule);
      white-space: nowrap; }
    th:nth-child(-n+2), td:nth-child(-n+2) { text-align: left; }
    tr.own td { font-weight: 600; }
    .bars { max-width: 640px; } .bars td { border: none; padding: 3px 8px; }
    .bars .bar { width: 60%; } .bar i { display: block; height: 12px; border-radius: 3px; }
    .gain { background: var(--gain); } .loss { background: var(--loss); }
    .settings { list-style: none; padding: 0; margin: 0; columns: 3 240px; font-size: 12px;
      color: var(--soft); }
    .settings li { break-inside: avoid; padding: 1px 0; }
    code { font: 12px ui-monospace, "SF Mono", Menlo, monospace; color: var(--ink); }
    """
}
