"""``python -m xuncha_nb.cli``: the same as ``xuncha``."""

from xuncha_nb.cli import main

main()
