package saccade.hil.rig;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The run as one page that needs nothing else: figures and plots as SVG. */
final class RigPage {
  private static final int WIDTH = 900;
  private static final int HEIGHT = 260;
  private static final int LEFT = 56;
  private static final int BOTTOM = 34;
  private static final int BARS = 60;

  private RigPage() {}

  /**
   * The page.
   *
   * @param title one line
   * @param facts what ran where, name by name
   * @param metrics as in the JSON report
   * @param passages not empty, in order
   */
  static String of(
      String title,
      Map<String, String> facts,
      Map<String, Double> metrics,
      List<Passage> passages) {
    double[] latency = passages.stream().mapToDouble(Passage::latencyMs).toArray();
    double[] message = passages.stream().mapToDouble(Passage::messageMs).toArray();
    double[] seconds =
        passages.stream()
            .mapToDouble(p -> (p.drawnNs() - passages.getFirst().drawnNs()) * 1e-9)
            .toArray();
    StringBuilder page = new StringBuilder();
    page.append("<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>")
        .append(escaped(title))
        .append("</title><style>")
        .append(
            "body{font:15px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:940px;color:#1b2430;background:#fff}")
        .append(
            "h1{font-size:1.4rem}h2{font-size:1.05rem;margin:1.8rem 0 .3rem}table{border-collapse:collapse}")
        .append(
            "td,th{padding:.15rem .9rem .15rem 0;text-align:left;vertical-align:top}td.n{text-align:right;font-variant-numeric:tabular-nums}")
        .append("svg{width:100%;height:auto;display:block}text{font-size:12px;fill:#54606e}")
        .append(
            "@media(prefers-color-scheme:dark){body{background:#12161c;color:#dde4ec}text{fill:#9aa7b5}}</style>")
        .append("<h1>")
        .append(escaped(title))
        .append("</h1><table>");
    facts.forEach(
        (name, value) ->
            page.append("<tr><th>").append(escaped(name)).append("<td>").append(escaped(value)));
    page.append("</table><h2>Figures</h2><table>");
    metrics.forEach(
        (name, value) ->
            page.append("<tr><td>")
                .append(escaped(name.toLowerCase(Locale.ROOT).replace('_', ' ')))
                .append("<td class=\"n\">")
                .append(number(value)));
    page.append("</table>");
    double most = Math.max(1, Arrays.stream(latency).max().orElse(1)) * 1.05;
    page.append("<h2>From code drawn to command (dots) and to message (line), ms over s</h2>")
        .append(overTime(seconds, latency, message, most));
    page.append("<h2>How often, by ms from code drawn to command</h2>")
        .append(histogram(latency, most));
    page.append("<h2>Share that had arrived, by ms</h2>").append(cumulated(latency, most));
    return page.append("</html>\n").toString();
  }

  private static String overTime(double[] s, double[] dots, double[] line, double most) {
    double end = Math.max(1e-3, s[s.length - 1]);
    StringBuilder svg = begin(end, "s", most, "ms");
    StringBuilder way = new StringBuilder();
    for (int i = 0; i < s.length; i++) {
      way.append(way.isEmpty() ? "" : " ")
          .append(x(s[i] / end))
          .append(',')
          .append(y(line[i] / most));
    }
    svg.append("<polyline fill=\"none\" stroke=\"#d08a2e\" points=\"").append(way).append("\"/>");
    for (int i = 0; i < s.length; i++) {
      svg.append("<circle r=\"2\" fill=\"#2f74c0\" cx=\"")
          .append(x(s[i] / end))
          .append("\" cy=\"")
          .append(y(dots[i] / most))
          .append("\"/>");
    }
    return svg.append("</svg>").toString();
  }

  private static String histogram(double[] values, double most) {
    int[] counts = new int[BARS];
    for (double value : values) {
      counts[Math.clamp((long) (value / most * BARS), 0, BARS - 1)]++;
    }
    int highest = Arrays.stream(counts).max().orElse(1);
    StringBuilder svg = begin(most, "ms", highest, "frames");
    for (int i = 0; i < BARS; i++) {
      double top = (double) counts[i] / highest;
      svg.append("<rect fill=\"#2f74c0\" x=\"")
          .append(x((double) i / BARS))
          .append("\" y=\"")
          .append(y(top))
          .append("\" width=\"")
          .append(number((double) (WIDTH - LEFT) / BARS - 1))
          .append("\" height=\"")
          .append(number(top * (HEIGHT - BOTTOM)))
          .append("\"/>");
    }
    return svg.append("</svg>").toString();
  }

  private static String cumulated(double[] values, double most) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    StringBuilder svg = begin(most, "ms", 100, "%");
    StringBuilder way = new StringBuilder(x(0) + "," + y(0));
    for (int i = 0; i < sorted.length; i++) {
      way.append(' ').append(x(sorted[i] / most)).append(',').append(y((i + 1.0) / sorted.length));
    }
    return svg.append("<polyline fill=\"none\" stroke=\"#2f74c0\" stroke-width=\"2\" points=\"")
        .append(way)
        .append("\"/></svg>")
        .toString();
  }

  private static StringBuilder begin(double mostX, String unitX, double mostY, String unitY) {
    StringBuilder svg = new StringBuilder();
    svg.append("<svg viewBox=\"0 0 ").append(WIDTH).append(' ').append(HEIGHT).append("\">");
    for (int i = 0; i <= 4; i++) {
      double part = i / 4.0;
      svg.append("<line stroke=\"#8a96a366\" x1=\"")
          .append(LEFT)
          .append("\" x2=\"")
          .append(WIDTH)
          .append("\" y1=\"")
          .append(y(part))
          .append("\" y2=\"")
          .append(y(part))
          .append("\"/>")
          .append("<text x=\"2\" y=\"")
          .append(y(part))
          .append("\" dy=\"")
          .append(i == 4 ? 11 : 4)
          .append("\">")
          .append(number(mostY * part))
          .append(i == 4 ? " " + unitY : "")
          .append("</text>")
          .append("<text text-anchor=\"")
          .append(i == 4 ? "end" : "middle")
          .append("\" x=\"")
          .append(x(part))
          .append("\" y=\"")
          .append(HEIGHT - 12)
          .append("\">")
          .append(number(mostX * part))
          .append(i == 4 ? " " + unitX : "")
          .append("</text>");
    }
    return svg;
  }

  private static String x(double part) {
    return number(LEFT + Math.clamp(part, 0, 1) * (WIDTH - LEFT));
  }

  private static String y(double part) {
    return number((1 - Math.clamp(part, 0, 1)) * (HEIGHT - BOTTOM));
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) >= 100 ? "%.0f" : "%.1f", value);
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
