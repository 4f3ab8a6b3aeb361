# SPDX-License-Identifier: ISC
"""What the tools of the tests (receiver.py, scimtool.py) are served by."""
import http.server
import os
import sys


class Server(http.server.ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True

    def handle_error(self, request, client_address):
        # A client that was killed is no error.
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(handler, directory, port):
    """For ever; directory/port tells where."""
    server = Server(("127.0.0.1", port), handler)
    path = os.path.join(directory, "port")
    with open(path + ".new", "w", encoding="ascii") as f:
        f.write(str(server.server_port))
    os.rename(path + ".new", path)
    server.serve_forever()
