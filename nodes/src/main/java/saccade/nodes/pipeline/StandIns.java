package saccade.nodes.pipeline;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import saccade.kernels.geometry.CameraModel;
import saccade.kernels.geometry.Rig;
import saccade.kernels.image.PixelFormat;
import saccade.perception.SetInput;
import saccade.realtime.ring.FrameView;

/**
 * Hot path after construction. What a camera that a set came without would have shown, where that
 * lies within another camera's picture: a tele camera that is late is seen in the middle of the
 * wide one that looks the same way from the same place, only coarser. The picture is cut out and
 * brought to the missing camera's size; ranges are painted on it as on any other.
 *
 * <p>Pays only what is used: nothing is drawn while every camera is there. One set at a time.
 */
final class StandIns {
  private static final double MOST_APART_M = 0.25; // what is 10 m away then moves by 1.4 degrees
  private static final double MOST_TURNED_RAD = Math.toRadians(0.5);
  private static final int ONE = 256; // weights
  private static final PixelFormat[] FORMATS = PixelFormat.values();

  /** How one camera's pixels are found in another's picture; axes are parallel. */
  private record Part(
      int camera,
      int source,
      int sourceWidthPx,
      int[] column, // (width) left of the two
      int[] columnWeight, // (width) of the right one
      int[] row, // (height)
      int[] rowWeight, // (height) of the lower one
      MemorySegment picture,
      String line) {}

  private final List<CameraModel> cameras;
  private final @Nullable Part[] parts; // (cameras) null: no other camera sees all of its view

  /**
   * @param arena owns the pictures
   */
  StandIns(Rig rig, Arena arena) {
    cameras = rig.cameras();
    parts = new Part[cameras.size()];
    for (int i = 0; i < parts.length; i++) {
      for (int j = 0; j < parts.length; j++) {
        boolean plain =
            !rig.lenses().containsKey(cameras.get(i).name())
                && !rig.lenses().containsKey(cameras.get(j).name());
        Part best = parts[i];
        boolean finer = best == null || cameras.get(j).fxPx() > cameras.get(best.source).fxPx();
        if (i != j && plain && finer && seesAllOf(cameras.get(j), cameras.get(i))) {
          parts[i] = part(i, j, arena);
        }
      }
    }
  }

  private static boolean seesAllOf(CameraModel wide, CameraModel narrow) {
    double apart =
        Math.hypot(
            Math.hypot(
                wide.baseFromOptical().x() - narrow.baseFromOptical().x(),
                wide.baseFromOptical().y() - narrow.baseFromOptical().y()),
            wide.baseFromOptical().z() - narrow.baseFromOptical().z());
    return apart <= MOST_APART_M
        && turned(wide, narrow) <= MOST_TURNED_RAD
        && within(sourceX(wide, narrow, 0), sourceX(wide, narrow, narrow.widthPx()), wide.widthPx())
        && within(
            sourceY(wide, narrow, 0), sourceY(wide, narrow, narrow.heightPx()), wide.heightPx());
  }

  /** Angle of the turn from one camera to the other, rad. */
  private static double turned(CameraModel a, CameraModel b) {
    double[] p = a.baseFromOptical().rotation();
    double[] q = b.baseFromOptical().rotation();
    double trace = 0;
    for (int i = 0; i < p.length; i++) {
      trace += p[i] * q[i];
    }
    return Math.acos(Math.clamp((trace - 1) / 2, -1, 1));
  }

  private static boolean within(double from, double to, int px) {
    return from >= 0 && to <= px;
  }

  private static double sourceX(CameraModel wide, CameraModel narrow, double u) {
    return (u - narrow.cxPx()) * wide.fxPx() / narrow.fxPx() + wide.cxPx();
  }

  private static double sourceY(CameraModel wide, CameraModel narrow, double v) {
    return (v - narrow.cyPx()) * wide.fyPx() / narrow.fyPx() + wide.cyPx();
  }

  private Part part(int camera, int source, Arena arena) {
    CameraModel narrow = cameras.get(camera);
    CameraModel wide = cameras.get(source);
    int[] column = new int[narrow.widthPx()];
    int[] columnWeight = new int[column.length];
    for (int u = 0; u < column.length; u++) {
      place(sourceX(wide, narrow, u + 0.5) - 0.5, wide.widthPx(), u, column, columnWeight);
    }
    int[] row = new int[narrow.heightPx()];
    int[] rowWeight = new int[row.length];
    for (int v = 0; v < row.length; v++) {
      place(sourceY(wide, narrow, v + 0.5) - 0.5, wide.heightPx(), v, row, rowWeight);
    }
    return new Part(
        camera,
        source,
        wide.widthPx(),
        column,
        columnWeight,
        row,
        rowWeight,
        arena.allocate(4L * narrow.widthPx() * narrow.heightPx(), 64),
        narrow.name() + " seen in " + wide.name());
  }

  private static void place(double at, int px, int i, int[] first, int[] weight) {
    int before = Math.clamp((int) Math.floor(at), 0, Math.max(0, px - 2));
    first[i] = before;
    weight[i] = px < 2 ? 0 : (int) Math.round(Math.clamp(at - before, 0, 1) * ONE);
  }

  /**
   * Cameras that may be stood in for.
   *
   * @param usable bit i: what sensor i sent is used
   * @return bit i = camera i is not usable and another one that is sees all of its view
   */
  long possible(long usable) {
    long mask = 0;
    for (Part part : parts) {
      if (part != null && (usable >>> part.camera & 1) == 0 && (usable >>> part.source & 1) == 1) {
        mask |= 1L << part.camera;
      }
    }
    return mask;
  }

  /** Whose picture shows a camera's view; for cameras in {@link #possible}. */
  int source(int camera) {
    return part(camera).source;
  }

  /**
   * Puts a camera's stand-in into a model's input; drawn by {@link #draw} before it is read.
   *
   * @param from the source's picture
   * @return false when nothing can be cut out of it: another size than the rig's, shared chroma
   */
  boolean put(SetInput input, int camera, FrameView from) {
    Part part = part(camera);
    CameraModel wide = cameras.get(part.source);
    CameraModel narrow = cameras.get(camera);
    PixelFormat format = format(from);
    if (format == null
        || format.isYuv()
        || from.width() != wide.widthPx()
        || from.height() != wide.heightPx()
        || from.byteLength() < format.rowBytes(wide.widthPx()) * wide.heightPx()) {
      return false;
    }
    input.camera(
        camera,
        part.picture,
        narrow.widthPx(),
        narrow.heightPx(),
        format.rowBytes(narrow.widthPx()),
        format);
    return true;
  }

  private static @Nullable PixelFormat format(FrameView frame) {
    int format = frame.format();
    return format < 0 || format >= FORMATS.length ? null : FORMATS[format];
  }

  /** Lane thread. Draws a camera's view from its source's picture, after {@link #put}. */
  void draw(int camera, FrameView source) {
    PixelFormat format = format(source);
    if (format == null) {
      return;
    }
    MemorySegment from = source.payload();
    Part part = part(camera);
    int bytes = format.bytesPerPixel();
    long stride = (long) part.sourceWidthPx * bytes;
    MemorySegment to = part.picture;
    int[] column = part.column;
    int[] columnWeight = part.columnWeight;
    long out = 0;
    for (int v = 0; v < part.row.length; v++) {
      long upper = part.row[v] * stride;
      long lower = part.rowWeight[v] == 0 ? upper : upper + stride;
      int down = part.rowWeight[v];
      for (int u = 0; u < column.length; u++) {
        long left = (long) column[u] * bytes;
        long right = columnWeight[u] == 0 ? left : left + bytes;
        int across = columnWeight[u];
        for (int c = 0; c < bytes; c++) {
          int above =
              (ONE - across) * grey(from, upper + left + c)
                  + across * grey(from, upper + right + c);
          int below =
              (ONE - across) * grey(from, lower + left + c)
                  + across * grey(from, lower + right + c);
          int sum = (ONE - down) * above + down * below;
          to.set(ValueLayout.JAVA_BYTE, out++, (byte) (sum + ONE * ONE / 2 >> 16));
        }
      }
    }
  }

  private static int grey(MemorySegment picture, long at) {
    return picture.get(ValueLayout.JAVA_BYTE, at) & 0xff;
  }

  /** What was drawn last, rows without padding, in the source's format. */
  MemorySegment picture(int camera) {
    return part(camera).picture;
  }

  /** Names of cameras; empty without any. */
  List<String> names(long mask) {
    if (mask == 0) {
      return List.of();
    }
    List<String> names = new ArrayList<>();
    for (int i = 0; i < parts.length; i++) {
      if ((mask >>> i & 1) == 1) {
        names.add(cameras.get(i).name());
      }
    }
    return names;
  }

  /** What stands in for them, in words; empty without any. */
  String line(long mask) {
    if (mask == 0) {
      return "";
    }
    StringBuilder line = new StringBuilder();
    for (Part part : parts) {
      if (part != null && (mask >>> part.camera & 1) == 1) {
        line.append(line.isEmpty() ? "" : ", ").append(part.line);
      }
    }
    return line.toString();
  }

  private Part part(int camera) {
    Part part = parts[camera];
    if (part == null) {
      throw new IllegalArgumentException(
          "camera " + camera + ": expected one whose view another camera sees");
    }
    return part;
  }
}
