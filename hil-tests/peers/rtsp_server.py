"""A network camera for `./saccade hil inputs`: GStreamer's RTSP server with H.264 test pictures, on 127.0.0.1.

    rtsp_server.py WIDTH HEIGHT HZ HANG_UP_MS

rtsp://127.0.0.1:PORT/brief is cut off HANG_UP_MS after each PLAY, /steady never. Prints the port, then one line a
connection that it has cut. Ends when its standard input does.

Debian and Ubuntu: apt-get install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-base \
gstreamer1.0-plugins-good gstreamer1.0-plugins-ugly
"""

import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer  # noqa: E402


def main():
    width, height, hz, hang_up_ms = map(int, sys.argv[1:5])
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    for path in ("/brief", "/steady"):
        camera = GstRtspServer.RTSPMediaFactory()
        camera.set_launch(
            f"( videotestsrc is-live=true pattern=ball"
            f" ! video/x-raw,format=I420,width={width},height={height},framerate={hz}/1"
            f" ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=5 threads=1"
            f" ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
        )
        camera.set_shared(True)
        server.get_mount_points().add_factory(path, camera)

    def cut(client):
        print("cut", flush=True)
        client.close()
        return False

    def play(client, context):
        if context.uri.abspath.startswith("/brief"):
            GLib.timeout_add(hang_up_ms, cut, client)

    def connected(_, client):
        client.connect("play-request", play)

    def clean():
        server.get_session_pool().cleanup()
        return True

    server.connect("client-connected", connected)
    server.attach(None)
    GLib.timeout_add_seconds(5, clean)
    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin.fileno(), GLib.IO_IN | GLib.IO_HUP, lambda *_: (loop.quit(), False)[1])
    print(server.get_bound_port(), flush=True)
    loop.run()


if __name__ == "__main__":
    main()
