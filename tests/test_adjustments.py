"""Adjustments: only of base figures, with a reason; refused once their source has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import CODE, HALF_YEAR, STANDARDS, book, county, given

from xuncha_nb.adjustments.model import Adjustment, State, audit, bad_title, quantities
from xuncha_nb.adjustments.staleness import sift
from xuncha_nb.adjustments.store import load
from xuncha_nb.adjustments.trial import Outcome, outcome
from xuncha_nb.errors import ParameterError
from xuncha_nb.quantities import Quantity

GOOD = {
    "figure": "cases_filed",
    "original": "60",
    "adjusted": "62",
    "reason": "两件案件在截止日当晚补录",
    "author": "综合科",
    "time": "2024-07-01T09:30:00",
}
TALKS = GOOD | {"figure": "talks_person_times"}


def written(folder: Path, *items: dict[str, str], more: str = "") -> Path:
    lines = ["adjustments:"]
    for item in items:
        first, *rest = (f"{key}: {value!r}" for key, value in item.items())
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    path = folder / "2024H1.yaml"
    path.write_text("\n".join(lines) + f"\n{more}", "utf-8")
    return path


def made(**changes: str) -> Adjustment:
    return Adjustment.model_validate(GOOD | changes)


def tried(
    folder: Path, *adjustments: Adjustment, rows: dict[str, list[dict[str, object]]]
) -> Outcome:
    return outcome(book(folder, rows), CODE, HALF_YEAR, STANDARDS, adjustments)


# -- the file -------------------------------------------------------------------------------


def test_a_good_file_gives_its_adjustments_and_their_audit(tmp_path: Path) -> None:
    (item,) = read = load(written(tmp_path, GOOD)).adjustments
    assert (item.figure, item.original, item.adjusted) == ("cases_filed", "60", "62")
    assert quantities(read) == {"cases_filed": Quantity.exact(62, "件")}
    assert audit(read) == [GOOD | {"fingerprint": ""}]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"figure": "talk_person_times"}, "没有指标“talk_person_times”，应为 talks_person_times"),
        ({"figure": "coverage_rate"}, "“全覆盖完成率”由其他指标计算得出，不能直接调整"),
        ({"figure": "covered_by_type"}, "按类的指标应写作 covered_by_type[类别]"),
        ({"figure": "talks_person_times[乡镇]"}, "其他指标不带方括号"),
        ({"reason": ""}, "reason"),
        ({"reason": "  "}, "没有写理由，请补上 reason"),
        ({"reason": "长" * 201}, "应不超过200字，实为201字"),
        ({"author": ""}, "author"),
        ({"autor": "x"}, "是否应为“author”"),
        ({"adjusted": "六十二"}, "调整“cases_filed”"),
        ({"adjusted": "-1"}, "应为不小于0的整数，实为 -1"),
        ({"adjusted": "62.5"}, "应为不小于0的整数，实为 62.5"),
    ],
)
def test_an_adjustment_that_may_not_be_is_refused_with_the_file(
    tmp_path: Path, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        load(written(tmp_path, GOOD | changes))
    assert str(caught.value).startswith("2024H1.yaml：")
    assert said in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    ["", "[1, 2]", "adjustments: 五", "adjustments:\n  - 1", "a: b: c", "charts: [{chart: x}]"],
)
def test_a_file_edited_into_nonsense_is_refused_in_one_line_a_fault(
    tmp_path: Path, text: str
) -> None:
    path = tmp_path / "2024H1.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(ParameterError) as caught:
        load(path)
    assert all(line.startswith("2024H1.yaml") for line in str(caught.value).splitlines())


def test_one_figure_is_adjusted_once(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="“cases_filed”调整了两次，请只保留一条"):
        load(written(tmp_path, GOOD, GOOD | {"adjusted": "63"}))


@pytest.mark.parametrize("adjusted", ["-1", "62.5", "六十二", "62个", "50%", ""])
def test_an_adjusted_count_is_a_whole_number_of_its_unit(adjusted: str) -> None:
    with pytest.raises(ParameterError, match="调整“cases_filed”"):
        quantities([made(adjusted=adjusted)])


@pytest.mark.parametrize("title", ["发现问题12个", "发现{{ x }}", "长" * 41, "两\n行", "１２月"])
def test_a_title_is_words_without_numbers_and_code(title: str) -> None:
    assert bad_title(title)
    assert not bad_title("发现问题分布")


def test_a_chart_is_chosen_once_and_its_title_carries_no_number(tmp_path: Path) -> None:
    line = "charts:\n  - {notebook: n, chart: c, title: 图12}\n"
    with pytest.raises(ParameterError, match="图题不带数字"):
        load(written(tmp_path, GOOD, more=line))
    twice = "charts:\n  - {notebook: n, chart: c}\n  - {notebook: n, chart: c}\n"
    with pytest.raises(ParameterError, match="设了两次"):
        load(written(tmp_path, GOOD, more=twice))
    wrong = "charts:\n  - {notebook: n, chart: c, kind: pie}\n"
    with pytest.raises(ParameterError, match="实为“pie”"):
        load(written(tmp_path, GOOD, more=wrong))


def test_an_empty_state_is_a_state() -> None:
    assert State().figures() == {} == State().looks()


# -- staleness ------------------------------------------------------------------------------


def test_an_adjustment_whose_source_has_changed_is_parted_with_all_three_values() -> None:
    fresh, stale = sift([made(), made(figure="clues_found")], given({"cases_filed": "61"}))
    assert fresh == ()
    assert [(s.adjustment.figure, s.adjustment.original, s.now) for s in stale] == [
        ("cases_filed", "60", "61"),
        ("clues_found", "60", ""),
    ]
    message = stale[0].verdict(given({})).message
    for said in ("来源为 60", "现在为 61", "调整值为 62", "“立案”"):
        assert said in message


def test_an_adjustment_of_a_figure_without_data_is_fresh_until_data_come() -> None:
    nothing = made(original="")
    assert sift([nothing], given({}))[0] == (nothing,)
    assert sift([nothing], given({"cases_filed": "6"}))[1][0].now == "6"


def test_a_stale_adjustment_is_not_applied_and_stops_the_report(tmp_path: Path) -> None:
    item = Adjustment.model_validate(TALKS | {"original": "59"})
    result = tried(tmp_path, item, rows=county())
    assert result.figures["talks_person_times"].value.text == "60"
    (verdict,) = (v for v in result.verdicts if v.severity == "error")
    assert (verdict.rule, verdict.figures) == ("adjustment_stale", ("talks_person_times",))
    assert result.applied == ()


def test_a_source_that_changed_elsewhere_is_noted_and_the_adjustment_applied(
    tmp_path: Path,
) -> None:
    item = Adjustment.model_validate(
        TALKS | {"figure": "talks_person_times@十二届-2", "original": "50", "fingerprint": "0" * 64}
    )
    result = tried(tmp_path, item, rows=county())
    assert result.known["talks_person_times@十二届-2"].value.text == "62"
    (note,) = (v for v in result.verdicts if v.rule == "adjustment_source_changed")
    assert note.severity == "note"
    assert "来源数没有变" in note.message


# -- totals and rounds ----------------------------------------------------------------------


def test_a_rounds_adjustment_carries_into_the_total(tmp_path: Path) -> None:
    item = Adjustment.model_validate(
        TALKS | {"figure": "talks_person_times@十二届-2", "original": "50", "adjusted": "53"}
    )
    result = tried(tmp_path, item, rows=county())
    total = result.figures["talks_person_times"]
    assert (total.value.text, total.origin) == ("63", "调整")
    assert total.original is not None
    assert total.original.text == "60"
    assert [i.figure for i in result.applied] == [item.figure, "talks_person_times"]
    assert result.applied[1].reason.startswith("随所属轮次的调整：")
    assert not [v for v in result.verdicts if v.severity == "error"]


def test_a_total_that_leaves_its_rounds_behind_is_an_error_until_a_round_takes_it(
    tmp_path: Path,
) -> None:
    total = Adjustment.model_validate(TALKS)
    result = tried(tmp_path, total, rows=county())
    (error,) = (v for v in result.verdicts if v.severity == "error")
    assert error.rule == "adjustment_rounds"
    assert (error.expected, error.found) == ("各轮之和 60人次", "62人次")
    part = total.model_copy(
        update={"figure": "talks_person_times@十二届-3", "original": "10", "adjusted": "12"}
    )
    again = tried(tmp_path, total, part, rows=county())
    assert not [v for v in again.verdicts if v.severity == "error"]


def test_with_one_round_the_total_takes_the_round_with_it(tmp_path: Path) -> None:
    rows = county()
    rows["activities"] = [a for a in rows["activities"] if a["round"] != "十二届-3"]
    item = Adjustment.model_validate(TALKS | {"original": "50"})
    result = tried(tmp_path, item, rows=rows)
    assert result.known["talks_person_times@十二届-2"].value.text == "62"
    assert not [v for v in result.verdicts if v.severity == "error"]


def test_derived_figures_follow(tmp_path: Path) -> None:
    before = tried(tmp_path, rows=county()).figures["petitions_received"].value.value
    item = Adjustment.model_validate(
        TALKS | {"figure": "petitions_letter@十二届-2", "original": "6", "adjusted": "9"}
    )
    result = tried(tmp_path, item, rows=county())
    assert result.figures["petitions_received"].value.value == before + 3
    assert result.figures["petitions_received"].origin == "计算"
