"""Only imported by the fork server, as its preload: to import it is to load everything."""

from xuncha_nb.batch import warm

warm.load()
warm.settle()
