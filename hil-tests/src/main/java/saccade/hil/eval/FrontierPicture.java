package saccade.hil.eval;

import java.util.List;
import java.util.Locale;
import saccade.perception.FrontierTable.Point;

/** Points of accuracy over time, and the line of the best ones, as an SVG picture. */
final class FrontierPicture {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 440;
  private static final int LEFT = 70;
  private static final int RIGHT = 20;
  private static final int TOP = 30;
  private static final int BOTTOM = 60;

  private FrontierPicture() {}

  /**
   * Draws.
   *
   * @param title one line
   * @param all every way measured
   * @param best the frontier, fastest first
   */
  static String svg(String title, List<Point> all, List<Point> best) {
    double mostMs = all.stream().mapToDouble(Point::millis).max().orElse(1) * 1.05;
    double least = all.stream().mapToDouble(Point::accuracy).min().orElse(0);
    double most = all.stream().mapToDouble(Point::accuracy).max().orElse(1);
    double margin = Math.max(0.005, (most - least) * 0.08);
    double low = least - margin;
    double high = most + margin;
    StringBuilder svg = new StringBuilder(8192);
    line(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\" font-size=\"12\">",
        WIDTH,
        HEIGHT);
    line(svg, "<rect width=\"%d\" height=\"%d\" fill=\"white\"/>", WIDTH, HEIGHT);
    line(svg, "<text x=\"%d\" y=\"18\" font-size=\"14\">%s</text>", LEFT, escaped(title));
    for (int i = 0; i <= 5; i++) {
      double ms = mostMs * i / 5;
      double accuracy = low + (high - low) * i / 5;
      line(
          svg,
          "<line x1=\"%.1f\" y1=\"%d\" x2=\"%.1f\" y2=\"%d\" stroke=\"#ddd\"/>",
          x(ms, mostMs),
          TOP,
          x(ms, mostMs),
          HEIGHT - BOTTOM);
      line(
          svg,
          "<line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%.1f\" stroke=\"#ddd\"/>",
          LEFT,
          y(accuracy, low, high),
          WIDTH - RIGHT,
          y(accuracy, low, high));
      line(
          svg,
          "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>",
          x(ms, mostMs),
          HEIGHT - BOTTOM + 18,
          ms);
      line(
          svg,
          "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.1f</text>",
          LEFT - 8,
          y(accuracy, low, high) + 4,
          100 * accuracy);
    }
    line(
        svg,
        "<text x=\"%d\" y=\"%d\" text-anchor=\"middle\">processor time of a set, ms</text>",
        (LEFT + WIDTH - RIGHT) / 2,
        HEIGHT - 16);
    line(
        svg,
        "<text transform=\"translate(18 %d) rotate(-90)\" text-anchor=\"middle\">right answers, %%</text>",
        (TOP + HEIGHT - BOTTOM) / 2);
    for (Point point : all) {
      line(
          svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"#888\"><title>%s</title></circle>",
          x(point.millis(), mostMs),
          y(point.accuracy(), low, high),
          escaped(name(point)));
    }
    StringBuilder path = new StringBuilder();
    for (Point point : best) {
      path.append(
          String.format(
              Locale.ROOT,
              "%.1f,%.1f ",
              x(point.millis(), mostMs),
              y(point.accuracy(), low, high)));
    }
    line(
        svg,
        "<polyline points=\"%s\" fill=\"none\" stroke=\"#06c\" stroke-width=\"2\"/>",
        path.toString().strip());
    for (Point point : best) {
      line(
          svg,
          "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"4\" fill=\"#06c\"><title>%s</title></circle>",
          x(point.millis(), mostMs),
          y(point.accuracy(), low, high),
          escaped(name(point)));
    }
    return svg.append("</svg>\n").toString();
  }

  static String name(Point point) {
    return String.format(
        Locale.ROOT,
        "%s, exit %d, window %d: %.1f ms, %.1f %%",
        point.tokens(),
        point.exit(),
        point.windowSets(),
        point.millis(),
        100 * point.accuracy());
  }

  private static double x(double ms, double most) {
    return LEFT + ms / most * (WIDTH - LEFT - RIGHT);
  }

  private static double y(double accuracy, double low, double high) {
    return HEIGHT - BOTTOM - (accuracy - low) / (high - low) * (HEIGHT - TOP - BOTTOM);
  }

  private static void line(StringBuilder svg, String format, Object... values) {
    svg.append(String.format(Locale.ROOT, format, values)).append('\n');
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
