"""The papermill engine ``xuncha``: a notebook executed in this very process, without sockets.

``papermill --engine xuncha`` works as papermill's own engine does and gives the same cells,
outputs, display updates and widget state; it starts no kernel process. The isolation that a
kernel process gives comes from whoever calls: the batch forks a process per county.

Papermill loads the engines of installed packages while it is being imported itself. So papermill
is imported here, before the module that needs its classes: whichever of the two a program
imports first, the other is complete when it is needed.
"""

import papermill.engines  # noqa: F401
