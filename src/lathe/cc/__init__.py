"""`lathe cc`: a drop-in compiler that makes whole builds smaller, repeatably.

    make CC="lathe cc" CXX="lathe c++" CFLAGS=-Oz

Importing this room loads next to nothing: a build starts it thousands of times.
"""

from lathe.cc.wrapper import main

__all__ = ["main"]
