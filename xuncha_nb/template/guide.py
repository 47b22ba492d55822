"""The 说明 sheet: what the workbook is, how to fill it in, which standards hold when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb.ledgers import LEDGERS
from xuncha_nb.template.formats import Formats, set_up_print

if TYPE_CHECKING:
    from xuncha_nb.parameters import GradeScale, Scheme, Standards

_WIDTHS: Final = (18, 30, 26, 58)
#: Characters that fit one line of the merged text, from the widths above.
_LINE: Final = 62
_LINE_HEIGHT: Final = 17

_INTRODUCTION: Final = (
    "这是巡察工作台账，半年总结、年度总结等报告中的数字都由它自动汇总。"
    "每张表一类台账，一行一条，不要合并单元格，不要改表名和表头。"
)
_RULES: Final = (
    "没有统计和确实没有是两回事：留空表示没有统计，报告里不写这一句；"
    "填 0 表示确实没有，按零报告写明。",
    "只填编号和岗位，不填姓名：线索、人才库一律用编号；不得填身份证号、电话和信访人信息。",
    "日期写作 2024-03-15 的形式，要写到日；还没有发生的留空（轮次的结束日期可填计划日期）。",
    "只填原始数字，合计、占比、同比由系统计算，不用另填。",
    "浅橙色表头的列必填，浅蓝色表头的列选填；鼠标停在表头上可看填写要求，有下拉列表的从列表中选。",
    "轮次编号、单位编码、问题编号在各表中写法要一致，编码前面的 0 不能丢。",
    "“序号”可以不填。第二行灰色斜体的是示例，序号以“示例”开头的行不会被读取，可以保留，也可以删除。",
    "可以在右边自行增加列，系统不读取多出的列。本单位用不到的表留空即可，不要删除。",
    "下拉列表和填写检查到每张表第{last_row}行为止，再往下也能填，只是没有提示。",
)
_CHECKING: Final = (
    "填好后保存，在命令行运行 xuncha check 文件.xlsx，会一次列出所有填错的位置（表、行、列）"
    "和改法；没有错误再生成报告。"
)
_FIGURES: Final = (
    "“信访统计”“监督执纪”“填报数”三张表的“指标”可填标识，也可填中文名称；"
    "运行 xuncha indicators 可列出全部指标。"
)


def write_guide(
    sheet: Any, formats: Formats, standards: Standards, area: str, last_row: int
) -> None:
    """Write the 说明 sheet.

    Parameters
    ----------
    sheet : xlsxwriter.worksheet.Worksheet
    formats : Formats
    standards : Standards
        Schemes and scales to list.
    area : str
        Name of the county; may be empty.
    last_row : int
        How far the checks of the ledger sheets reach.
    """
    page = _Page(sheet, formats)
    page.line(f"{area}巡察工作台账", formats.title, 32)
    page.paragraph(_INTRODUCTION)
    page.heading("一、怎样填写")
    for number, rule in enumerate(_RULES, 1):
        page.paragraph(f"{number}. {rule.format(last_row=last_row)}")
    page.heading("二、各表说明")
    page.header("表名（点击进入）", "填什么")
    for ledger in LEDGERS.values():
        page.linked(ledger.sheet, ledger.note)
    page.paragraph(_FIGURES)
    page.heading("三、问题分类标准")
    page.editions(standards.schemes, "类别")
    page.heading("四、政治生态评估等次标准")
    page.editions(standards.grade_scales, "等次（从好到差）")
    page.heading("五、填好以后")
    page.paragraph(_CHECKING)
    set_up_print(sheet, "说明")


class _Page:
    """The sheet with the row that is written next."""

    def __init__(self, sheet: Any, formats: Formats) -> None:
        self.sheet, self.formats, self.row = sheet, formats, 0
        for index, width in enumerate(_WIDTHS):
            sheet.set_column(index, index, width)
        sheet.hide_gridlines(2)

    def line(self, text: str, cell_format: Any, height: int) -> None:
        self.sheet.set_row(self.row, height)
        self.sheet.merge_range(self.row, 0, self.row, len(_WIDTHS) - 1, text, cell_format)
        self.row += 1

    def heading(self, text: str) -> None:
        self.line(text, self.formats.heading, 28)

    def paragraph(self, text: str) -> None:
        # Excel does not fit the height of merged cells to their text.
        self.line(text, self.formats.body, _LINE_HEIGHT * _lines(text, _LINE) + 4)

    def header(self, first: str, rest: str) -> None:
        self.sheet.write_string(self.row, 0, first, self.formats.optional)
        self.sheet.merge_range(self.row, 1, self.row, 3, rest, self.formats.optional)
        self.sheet.set_row(self.row, 21)
        self.row += 1

    def linked(self, name: str, note: str) -> None:
        self.sheet.write_url(self.row, 0, f"internal:'{name}'!A1", self.formats.link, name)
        self.sheet.merge_range(self.row, 1, self.row, 3, note, self.formats.box)
        self.sheet.set_row(self.row, _LINE_HEIGHT + 3)
        self.row += 1

    def editions(self, editions: Sequence[Scheme | GradeScale], content: str) -> None:
        for index, head in enumerate(("标准", "有效期", content)):
            self.sheet.write_string(self.row, index, head, self.formats.optional)
        self.sheet.merge_range(self.row, 2, self.row, 3, content, self.formats.optional)
        self.sheet.set_row(self.row, 21)
        self.row += 1
        for edition in sorted(editions, key=lambda each: each.valid_from):
            names = "、".join(edition.names)
            end = edition.valid_to.isoformat() if edition.valid_to else "今"
            self.sheet.write_string(self.row, 0, edition.name, self.formats.box)
            span = f"{edition.valid_from.isoformat()} 至 {end}"
            self.sheet.write_string(self.row, 1, span, self.formats.box)
            self.sheet.merge_range(self.row, 2, self.row, 3, names, self.formats.box)
            self.sheet.set_row(self.row, _LINE_HEIGHT * _lines(names, 40) + 3)
            self.row += 1


def _lines(text: str, width: int) -> int:
    """Return how many lines a text takes; a character below 256 is half as wide."""
    length = sum(1 if ord(character) > 255 else 0.5 for character in text)
    return int(-(-length // width))
