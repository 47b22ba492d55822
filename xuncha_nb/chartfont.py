"""The face of charts for typst: the open sans without its rules of substitution.

Typst reads a font's rules of substitution (GSUB) anew for every text of a picture, which takes
longer than all else about the picture. Charts are set in plain upright Chinese, where those rules
change nothing: letters, widths and kerning are the same without them. The Open Font License lets
a font be changed; it goes by a name of its own so that nothing else is set in it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: Family name, and name of the file in the folder that typst reads.
FAMILY: Final = "Xuncha Charts"
FILE: Final = "XunchaCharts-Regular.otf"
# A signature (DSIG) would not fit the changed file.
_LEFT_OUT: Final = ("GSUB", "DSIG")
#: In the name of the folder: a copy made in another way is another one.
RECIPE: Final = f"{FILE} without {' '.join(_LEFT_OUT)}"
# Family, full name and typographic family of the name table; the PostScript name stays.
_NAMES: Final = (1, 4, 16)


def write(source: Path, target: Path) -> None:
    """Write the face of charts.

    Parameters
    ----------
    source : Path
        The open sans.
    target : Path
        The new file; an equal source gives equal bytes.
    """
    from fontTools.ttLib import TTFont

    with TTFont(source, lazy=True, recalcTimestamp=False, recalcBBoxes=False) as font:
        for table in _LEFT_OUT:
            if table in font:
                del font[table]
        for record in font["name"].names:
            if record.nameID in _NAMES:
                record.string = FAMILY
        with target.open("wb") as file:
            font.save(file, reorderTables=None)
            # What tells that it is whole is only that it is there.
            os.fsync(file.fileno())
