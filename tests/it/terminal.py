# SPDX-License-Identifier: ISC
"""Runs a command on a terminal of so many columns: terminal.py COLUMNS COMMAND...
What it wrote there is printed, its exit code is ours."""
import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios

master, slave = pty.openpty()
fcntl.ioctl(slave, termios.TIOCSWINSZ,
            struct.pack("HHHH", 24, int(sys.argv[1]), 0, 0))
command = subprocess.Popen(sys.argv[2:], stdin=subprocess.DEVNULL,
                           stdout=slave, stderr=slave)
os.close(slave)
while True:
    try:
        got = os.read(master, 65536)
    except OSError:         # the other side is closed
        break
    if not got:
        break
    sys.stdout.buffer.write(got.replace(b"\r\n", b"\n"))
sys.stdout.flush()
sys.exit(command.wait())
