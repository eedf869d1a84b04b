package saccade.nodes.graph;

import saccade.realtime.os.ProcessMemory;
import saccade.realtime.os.ThreadPolicy;

/**
 * What a graph asks of the machine it runs on; the {@code host} part of its file. Nothing of it is
 * needed to run: what the kernel refuses is reported as an ERROR and the run goes on.
 *
 * @param control of the thread that takes frames in, publishes and drives
 * @param lane of the thread that runs the model
 * @param lockMemory whether pages are to be locked (mlockall)
 * @param memoryCapBytes resident memory to stay below; {@link ProcessMemory#NO_CAP} for none
 */
public record HostPolicy(
    ThreadPolicy control, ThreadPolicy lane, boolean lockMemory, long memoryCapBytes) {
  /** Asks for nothing. */
  public static final HostPolicy AS_IS =
      new HostPolicy(ThreadPolicy.AS_IS, ThreadPolicy.AS_IS, false, ProcessMemory.NO_CAP);

  static HostPolicy of(YamlFields fields) {
    HostPolicy policy =
        new HostPolicy(
            thread(fields, "control"),
            thread(fields, "lane"),
            fields.word("mlockall", java.util.List.of("on", "off"), "off").equals("on"),
            fields.has("memoryCapMb")
                ? fields.whole("memoryCapMb", 64, 1 << 20) << 20
                : ProcessMemory.NO_CAP);
    fields.end();
    return policy;
  }

  private static ThreadPolicy thread(YamlFields host, String key) {
    if (!host.has(key)) {
      return ThreadPolicy.AS_IS;
    }
    YamlFields fields = host.fields(key);
    long cpus = 0;
    if (fields.has("cpus")) {
      for (String cpu : fields.text("cpus").split(",", -1)) {
        if (!cpu.matches("[0-9]|[1-5][0-9]|6[0-3]")) {
          throw fields.wrong("cpus", "CPU numbers 0..63 like \"0,1\"", fields.text("cpus"));
        }
        cpus |= 1L << Integer.parseInt(cpu);
      }
    }
    ThreadPolicy policy =
        new ThreadPolicy(
            cpus,
            (int) fields.whole("fifo", 0, 99, 0),
            fields.has("nice") ? (int) fields.whole("nice", -20, 19) : ThreadPolicy.NICE_AS_IS);
    fields.end();
    return policy;
  }
}
