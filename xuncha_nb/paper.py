"""What the official layout leaves open, from ``parameters/layout.yaml``: for PDF and Word alike.

GB/T 9704-2012 fixes page, grid, sizes and faces. Offices differ in the rest, and each option
here has the default that follows the standard most closely.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator

from xuncha_nb import fonts
from xuncha_nb.fonts import Role
from xuncha_nb.parameters import parameter_file, validated
from xuncha_nb.yamlfile import read_yaml

TYPE_WIDTH_MM: Final = 156.0
TYPE_HEIGHT_MM: Final = 225.0
CHARACTERS: Final = 28
LINES: Final = 22
BODY_PT: Final = 16.0
_PT_PER_MM: Final = 72 / 25.4
_FILE: Final = "layout.yaml"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FontNames(_Model):
    """Families an office wants in front of the standard's, by what they set."""

    title: tuple[str, ...] = ()
    body: tuple[str, ...] = ()
    first_heading: tuple[str, ...] = ()
    second_heading: tuple[str, ...] = ()
    table: tuple[str, ...] = ()

    @field_validator("*")
    @classmethod
    def _plain_names(cls, names: tuple[str, ...]) -> tuple[str, ...]:
        # A family name goes into XML attributes and into the font chain of the PDF.
        for name in names:
            if not name.strip() or not name.isprintable() or any(c in name for c in "<>&\"',;"):
                raise ValueError(f"字体名应为本机字体的名称，实为“{name}”，请改正")
        return tuple(name.strip() for name in names)


_OPTIONS: Final[dict[Role, str]] = {
    "song_title": "title",
    "fangsong": "body",
    "hei": "first_heading",
    "kai": "second_heading",
    "song": "table",
}


_CHINESE: Final[dict[Role, str]] = {
    "song_title": "标题",
    "fangsong": "正文",
    "hei": "一级标题",
    "kai": "二级标题",
    "song": "表格",
    "latin": "数字",
}


class PaperLayout(_Model):
    """The options of the paper formats; see ``parameters/layout.yaml`` for what each does.

    Attributes
    ----------
    line_spacing : float or "grid"
        Distance of lines in points; ``"grid"`` gives exactly 22 lines a page.
    digits : {"body", "times"}
    bold_headings : tuple of int
        Levels 1 to 4 that are set bold; the standard has none.
    signature : {"unsealed", "sealed"}
        GB/T 9704 7.3.5.2 or 7.3.5.1.
    page_number : {"outside", "centre", "none"}
    contents : {"auto", "always", "never"}
        The list of figures and tables on the last page.
    fonts : FontNames
    """

    line_spacing: float | Literal["grid"] = "grid"
    digits: Literal["body", "times"] = "body"
    bold_headings: tuple[int, ...] = ()
    signature: Literal["unsealed", "sealed"] = "unsealed"
    page_number: Literal["outside", "centre", "none"] = "outside"
    contents: Literal["auto", "always", "never"] = "auto"
    fonts: FontNames = Field(default_factory=FontNames)

    @field_validator("line_spacing", mode="before")
    @classmethod
    def _spacing(cls, value: object) -> object:
        if value == "grid":
            return value
        try:
            points = float(str(value))
        except ValueError:
            points = 0.0
        if not 20 <= points <= 40:
            raise ValueError(f"参数“line_spacing”应为 grid 或 20 至 40 磅，实为“{value}”，请改正")
        return points

    @field_validator("bold_headings")
    @classmethod
    def _levels(cls, levels: tuple[int, ...]) -> tuple[int, ...]:
        for level in levels:
            if not 1 <= level <= 4:
                raise ValueError(f"参数“bold_headings”里的级别应为 1 至 4，实为“{level}”，请改正")
        return levels

    @property
    def pitch_pt(self) -> float:
        """Distance from line to line, in points."""
        if self.line_spacing == "grid":
            return TYPE_HEIGHT_MM / LINES * _PT_PER_MM
        return float(self.line_spacing)

    @property
    def pitch_twips(self) -> int:
        """The same in Word's twentieths of a point, cut off: one twip more and a line is lost."""
        return int(self.pitch_pt * 20)

    def preferred(self, role: Role) -> tuple[str, ...]:
        """Return the families that the office wants first for a role."""
        names: tuple[str, ...] = getattr(self.fonts, _OPTIONS[role]) if role in _OPTIONS else ()
        return names

    def families(self, role: Role) -> tuple[str, ...]:
        """Return the families that a role is set in on this machine, first choice first."""
        families = fonts.available(role, self.preferred(role))
        if self.digits == "times" and role in ("fangsong", "kai", "song"):
            return tuple(dict.fromkeys((*fonts.available("latin"), *families)))
        return families

    def wanted(self, role: Role) -> str:
        """Return the family that Word files name for a role: the office's, else the standard's."""
        return (*self.preferred(role), fonts.STANDARD[role])[0]

    def roles(self) -> tuple[Role, ...]:
        """Return the roles that a document of this layout has type in."""
        return fonts.ROLES if self.digits == "times" else tuple(_OPTIONS)

    def fonts_used(self) -> dict[str, dict[str, str]]:
        """Return role → the family wanted and the one this machine has, for log and manifest."""
        return {
            role: {
                "wanted": self.wanted(role),
                "used": fonts.resolved(role, self.preferred(role)),
            }
            for role in self.roles()
        }

    def substitutes(self) -> str:
        """Return one line about the faces that others stand in for; empty when there are none."""
        said = []
        for role in self.roles():
            if fonts.stands_in(role, self.preferred(role)):
                found = fonts.resolved(role, self.preferred(role))
                said.append(f"{_CHINESE[role]}用 {found} 代替{self.wanted(role)}")
        return f"字体：本机缺标准字体，PDF 里{'，'.join(said)}" if said else ""


def load(start: Path | None = None) -> PaperLayout:
    """Load ``parameters/layout.yaml`` of the workspace around a folder, else the packaged one.

    Raises
    ------
    ParameterError
        If a key is unknown or a value is not one of those allowed.
    """
    path = parameter_file(_FILE, start)
    if not path.is_file():  # a workspace from before there was such a file
        return PaperLayout()
    stat = path.stat()
    return _loaded(path, stat.st_mtime_ns, stat.st_size)


@functools.lru_cache(maxsize=8)
def _loaded(path: Path, _changed: int, _size: int) -> PaperLayout:
    return validated(PaperLayout, read_yaml(path), f"parameters/{_FILE}")
