"""Everything under ``parameters/``: read as text, refused key by key, dated editions."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from xuncha_nb.errors import ParameterError
from xuncha_nb.parameters import (
    GradeScale,
    Plan,
    RunParameters,
    Scheme,
    Standards,
    Thresholds,
    load_standards,
    read_yaml,
    validated,
)

RUN = {"county": "331124", "period": "2024H1"}
PLAN = {"notebook": "half_year_summary", "period": "2024H1", "source": "d/{code}.xlsx"}
PACKAGED = Path(__file__).parent.parent / "parameters"


def saying(data: dict[str, Any], model: Any = RunParameters) -> list[str]:
    """Return the lines with which a model refuses the data."""
    with pytest.raises(ParameterError) as caught:
        validated(model, data, "run.yaml")
    lines = str(caught.value).splitlines()
    assert all(line.startswith("run.yaml：") for line in lines)
    return [line.removeprefix("run.yaml：") for line in lines]


def yaml_file(folder: Path, text: str) -> Path:
    path = folder / "run.yaml"
    path.write_text(text, "utf-8")
    return path


def test_yaml_scalars_stay_text_so_that_no_leading_zero_or_word_is_lost(tmp_path: Path) -> None:
    read = read_yaml(yaml_file(tmp_path, "county: 0310\nperiod: 2020\nnight: 12:30\nanswer: no\n"))
    assert read == {"county": "0310", "period": "2020", "night": "12:30", "answer": "no"}


def test_a_county_code_that_lost_a_zero_is_refused_and_asked_about() -> None:
    assert saying({"county": "0310", "period": "2020"}) == [
        "county 应为六位代码，实为“0310”（开头的0是否丢了？）"
    ]


def test_county_codes_and_years_that_papermill_made_integers_become_text_again() -> None:
    run = validated(RunParameters, {"county": 350203, "period": 2020}, "-p")
    assert (run.county, run.period) == ("350203", "2020")


@pytest.mark.parametrize("county", ["", "  ", "../etc", "a/b", "C:\\x", "松阳*", "松\n阳", "x.y"])
def test_a_county_that_could_be_a_path_is_refused(county: str) -> None:
    assert saying(RUN | {"county": county}) == ["county 应为六位代码或县（区）名称"]


def test_every_wrong_key_is_said_at_once_with_the_nearest_known_name() -> None:
    assert saying({"county": "331124", "perod": "2024H1", "edition": "秘密"}) == [
        "缺少参数“period”，请补上",
        "参数“edition”应为 内部、公开 之一，实为“秘密”，请改正",
        "不认识的参数“perod”，是否应为“period”？请改正",
    ]


def test_a_name_like_none_that_is_known_gets_the_list_of_those_that_are() -> None:
    (line,) = saying(RUN | {"图表": "1"})
    assert line.startswith("不认识的参数“图表”，可用的有 county、period、source、cutoff")


def test_a_wrong_type_is_refused_before_anything_starts() -> None:
    (line,) = saying(RUN | {"cutoff": 5})
    assert line.startswith("参数“cutoff”的值“5”类型不对")
    (line,) = saying(RUN | {"period": True})
    assert "period" in line


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"period": "2024上"}, "期间“2024上”无法识别"),
        ({"cutoff": "2024-09-30"}, "截止日期 2024-09-30 不在期间 2024H1 之内"),
    ],
)
def test_a_period_or_cutoff_is_understood_before_anything_starts(
    change: dict[str, str], said: str
) -> None:
    (line,) = saying(RUN | change)
    assert line.startswith(said)
    (line,) = saying(PLAN | {"counties": "c.csv"} | change, Plan)
    assert line.startswith(said)


def test_a_plan_knows_its_formats() -> None:
    plan = validated(Plan, PLAN | {"counties": ["331124", "320803"]}, "plan.yaml")
    assert plan.formats == ("html", "pdf", "docx")
    assert plan.counties == ("331124", "320803")
    (line,) = saying(PLAN | {"counties": "c.csv", "formats": ["odt"]}, Plan)
    assert "html" in line
    assert "“odt”" in line


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"county: [", "不是正确的 YAML"),
        (b"a: 1\n b: 2\n", "第2行：不是正确的 YAML"),
        ("county: 松阳县".encode("gb18030"), "不是正确的 YAML（UTF-8）"),
        (b"- a\n- b\n", "应为“名称: 值”的列表"),
        (b"", "应为“名称: 值”的列表"),
    ],
)
def test_a_file_that_is_no_mapping_in_utf8_yaml_is_refused(
    tmp_path: Path, raw: bytes, said: str
) -> None:
    path = tmp_path / "run.yaml"
    path.write_bytes(raw)
    with pytest.raises(ParameterError, match=said) as caught:
        read_yaml(path)
    assert str(caught.value).startswith("run.yaml")
    assert str(tmp_path) not in str(caught.value)


def test_a_missing_file_is_said_without_the_path_of_the_machine(tmp_path: Path) -> None:
    with pytest.raises(ParameterError) as caught:
        read_yaml(tmp_path / "nowhere.yaml")
    assert str(caught.value) == "nowhere.yaml：文件不存在或不能读取，请核对路径"


@pytest.mark.parametrize("name", ["half_year_summary.yaml", "half_year_summary.huaian.yaml"])
def test_the_packaged_parameter_files_are_valid(name: str) -> None:
    validated(RunParameters, read_yaml(PACKAGED / name), name)


def test_the_edition_of_a_scheme_scale_and_rule_is_the_one_in_force_on_the_day() -> None:
    standards = load_standards()
    assert standards.scheme(date(2017, 12, 31)).name == "三大问题"
    assert standards.scheme(date(2018, 1, 1)).name == "六围绕一加强"
    assert standards.scheme(date(2024, 6, 30)).name == "三个聚焦"
    assert standards.grades(date(2019, 12, 31)).names == ("良好", "较好", "较差")
    assert standards.grades(date(2020, 1, 1)).names == ("好", "较好", "一般", "差")
    editions = [
        rule.edition
        for day in (date(2017, 6, 30), date(2017, 7, 1), date(2024, 2, 7), date(2024, 2, 8))
        if (rule := standards.regulation("条例", day))
    ]
    assert editions == ["2015年印发", "2017年修改", "2017年修改", "2024年修订"]
    assert standards.regulation("条例", date(2010, 1, 1)) is None


def test_a_day_without_a_scheme_is_an_error_that_names_the_file() -> None:
    with pytest.raises(ParameterError, match="2010-01-01 没有有效的.*schemes.yaml"):  # noqa: RUF043
        load_standards().scheme(date(2010, 1, 1))


def test_editions_that_overlap_are_refused() -> None:
    scheme = Scheme.model_validate(
        {"name": "甲", "valid_from": "2015-01-01", "categories": [{"name": "一"}]}
    )
    grades = GradeScale(name="乙", valid_from=date(2015, 1, 1), grades=("好", "差"))
    both = {
        "schemes": [scheme, scheme.model_copy(update={"name": "丙"})],
        "grade_scales": [grades],
        "regulations": [],
        "thresholds": {},
        "office": {},
    }
    (line,) = saying(both, Standards)
    assert line == ("schemes 中“甲”与“丙”的有效期重叠，请给前者填上早于 2015-01-01 的 valid_to")


def test_a_file_of_the_workspace_replaces_the_packaged_one(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "parameters").mkdir()
    (tmp_path / "parameters" / "thresholds.yaml").write_text("growth_warning: 50\n", "utf-8")
    assert load_standards(tmp_path).thresholds.growth_warning == 50
    assert load_standards(tmp_path).scheme(date(2024, 1, 1)).name == "三个聚焦"
    assert load_standards(PACKAGED).thresholds.growth_warning == 100


def test_a_threshold_out_of_range_or_unknown_is_refused() -> None:
    (line,) = saying({"clue_open_days": "0"}, Thresholds)
    assert "clue_open_days" in line
    (line,) = saying({"clue_days": "90"}, Thresholds)
    assert "是否应为“clue_open_days”" in line
