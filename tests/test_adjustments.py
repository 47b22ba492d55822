"""Adjustments: only of base figures, with a reason, and refused once their source has changed."""

from __future__ import annotations

from pathlib import Path

import pytest
from books import county, figures, given

from xuncha_nb.adjustments import Adjustment, audit, check_fresh, load, quantities
from xuncha_nb.errors import CheckError, ParameterError
from xuncha_nb.quantities import Quantity

GOOD = {
    "figure": "talks_person_times",
    "original": "60",
    "adjusted": "62",
    "reason": "两人次谈话在截止日当晚补录",
    "author": "综合科",
    "time": "2024-07-01T09:30:00",
}


def written(folder: Path, *items: dict[str, str]) -> Path:
    lines = ["adjustments:"]
    for item in items:
        first, *rest = (f"{key}: {value!r}" for key, value in item.items())
        lines += [f"  - {first}", *(f"    {line}" for line in rest)]
    path = folder / "2024H1.yaml"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def made(**changes: str) -> tuple[Adjustment, ...]:
    return (Adjustment.model_validate(GOOD | changes),)


def test_a_good_file_gives_its_adjustments_and_their_audit(tmp_path: Path) -> None:
    (item,) = read = load(written(tmp_path, GOOD))
    assert (item.figure, item.original, item.adjusted) == ("talks_person_times", "60", "62")
    assert quantities(read) == {"talks_person_times": Quantity.exact(62, "人次")}
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
        ({"author": ""}, "author"),
        ({"autor": "x"}, "是否应为“author”"),
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


def test_one_figure_is_adjusted_once(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="“talks_person_times”调整了两次，请只保留一条"):
        load(written(tmp_path, GOOD, GOOD | {"adjusted": "63"}))


@pytest.mark.parametrize("adjusted", ["-1", "62.5", "六十二", "62个", "50%"])
def test_an_adjusted_count_is_a_whole_number_of_its_unit(adjusted: str) -> None:
    with pytest.raises(ParameterError, match="调整“talks_person_times”"):
        quantities(made(adjusted=adjusted))


def test_an_adjustment_whose_source_stands_is_fresh(tmp_path: Path) -> None:
    rows = county()
    check_fresh(made(), figures(tmp_path, {"activities": rows["activities"]}))


def test_an_adjustment_whose_source_has_changed_is_refused_with_all_three_values(
    tmp_path: Path,
) -> None:
    rows = county()
    rows["activities"][1]["talks_person_times"] = 51
    computed = figures(tmp_path, {"activities": rows["activities"]})
    with pytest.raises(CheckError) as caught:
        check_fresh(made(), computed)
    (verdict,) = caught.value.verdicts
    assert (verdict.rule, verdict.figures) == ("adjustment_stale", ("talks_person_times",))
    for said in ("来源为 60", "现在为 61", "调整值为 62", "“个别谈话”"):
        assert said in verdict.message
    assert caught.value.exit_code == 1


def test_every_stale_adjustment_is_listed_at_once() -> None:
    both = made() + made(figure="cases_filed", original="5")
    with pytest.raises(CheckError) as caught:
        check_fresh(both, given({"cases_filed": "6"}))
    assert [v.figures for v in caught.value.verdicts] == [
        ("talks_person_times",),
        ("cases_filed",),
    ]
    assert "现在为 没有数据" in caught.value.verdicts[0].message


def test_an_adjustment_of_a_figure_without_data_says_so_and_is_fresh_until_data_come() -> None:
    nothing = made(figure="cases_filed", original="")
    check_fresh(nothing, given({}))
    with pytest.raises(CheckError, match="现在为 6"):
        check_fresh(nothing, given({"cases_filed": "6"}))
