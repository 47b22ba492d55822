"""A region over its counties: sums, rates from sums, gaps, who is missing, and what is refused."""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import city_sample
import pytest
from books import STANDARDS, only, rules

from xuncha_nb import areas, regional, regions, workspace
from xuncha_nb.errors import CheckError, NoDataError, ParameterError, SourceError
from xuncha_nb.intervals import Interval
from xuncha_nb.parameters import RunParameters
from xuncha_nb.periods import Period, Window
from xuncha_nb.quantities import Quantity
from xuncha_nb.rollup import COUNTS, Rollup, roll_up
from xuncha_nb.rollup.sums import RATES

LISHUI = regions.find("丽水市")
WINDOW = Window.of(Period.parse("2024H1"))
CODES = [area.code for area in LISHUI.counties] if LISHUI else []

Said = dict[str, str | tuple[str, str]]


def entry(id: str, said: str | tuple[str, str]) -> dict[str, Any]:
    """Return a figure as ``figures.json`` holds it: printed, or printed and base."""
    from xuncha_nb.indicators import INDICATORS

    text, base = said if isinstance(said, tuple) else (said, None)
    quantity = Quantity.parse(text, INDICATORS[id.partition("[")[0]].unit)
    return {
        "id": id,
        "value": str(quantity.value),
        "text": quantity.text,
        "unit": quantity.unit,
        "interval": quantity.interval.text,
        "scope": "",
        "base": base,
    }


def county(
    folder: Path, code: str, figures: Said, name: str = "half_year_summary", **head: Any
) -> None:
    path = folder / "2024H1" / name / code / "figures.json"
    path.parent.mkdir(parents=True)
    content = {"notebook": name, "county": code, "period": "2024H1", "cutoff": "2024-06-30"} | head
    content["figures"] = [entry(id, said) for id, said in figures.items()]
    path.write_text(json.dumps(content, ensure_ascii=False), "utf-8")


def rolled(folder: Path, *counties: Said, **head: Any) -> Rollup:
    for code, figures in zip(CODES, counties, strict=False):
        county(folder, code, figures, **head)
    assert LISHUI is not None
    return roll_up(LISHUI, folder, WINDOW, STANDARDS)


# -- sums -------------------------------------------------------------------------------------


def test_counts_are_added_and_rates_recomputed_from_the_sums(tmp_path: Path) -> None:
    made = rolled(
        tmp_path,
        {"covered_total": ("10", "5"), "objects_total": ("10", "10")},
        {"covered_total": ("10", "5"), "objects_total": ("90", "90")},
    )
    rate = made.figures["coverage_rate"]
    assert rate.value.text == "20.0", "an average of the two rates would be 55.6"
    assert rate.value.value == 20
    assert rate.base is not None
    assert rate.base.text == "10.0"
    assert rate.change is not None
    assert rate.change.printed == "10.0百分点"
    assert made.figures["covered_total"].value.printed == "20个"
    assert made.figures["covered_total"].origin == "汇总"
    assert made.figures["covered_total"].rows == 2


def test_every_rate_of_the_dictionary_has_its_operands() -> None:
    assert set(RATES) == {
        "coverage_rate",
        "village_community_coverage_rate",
        "rect_rate",
        "form1_share",
        "form2_share",
        "form3_share",
        "form4_share",
    }
    assert RATES["rect_rate"] == ("rect_done", "findings_fed_back")


def test_a_rate_is_of_counties_that_have_both_its_part_and_its_whole(tmp_path: Path) -> None:
    made = rolled(
        tmp_path,
        {"rect_done": "30", "findings_fed_back": "60"},
        {"findings_fed_back": "1000"},  # how many are done is not known
    )
    assert made.figures["rect_rate"].value.text == "50.0"
    assert made.figures["rect_done"].value.interval == Interval(Fraction(30), None)
    (gap,) = made.gaps
    assert (gap.figure.id, gap.names) == ("rect_done", ("青田县",))
    assert only(made.verdicts, "figures_lacking").severity == "note"


def test_printed_precision_is_kept_in_a_sum(tmp_path: Path) -> None:
    made = rolled(
        tmp_path,
        {"petitions_total": "9.3万"},
        {"petitions_total": "1.25万"},
        {"petitions_total": "7"},
    )
    total = made.figures["petitions_total"].value
    assert total.text == "10.6万"
    assert total.interval == Interval(Fraction(104_957), Fraction(106_057))


def test_the_interval_of_a_figure_survives_the_file(tmp_path: Path) -> None:
    for text in (
        "大于1680000",
        "不小于30",
        "小于5",
        "不大于5",
        "任意值",
        "2700～2800（不含）",
        "7",
    ):
        assert Interval.parse(text).text == text
    county(tmp_path, CODES[0], {"petitions_total": ">168万"})
    county(tmp_path, CODES[1], {"petitions_total": "2700余"})
    total = rolled(tmp_path).figures["petitions_total"].value.interval
    assert (total.low, total.high, total.low_open) == (Fraction(1_682_700), None, True)


def test_a_base_is_known_only_when_every_county_knows_its_own(tmp_path: Path) -> None:
    made = rolled(tmp_path, {"cases_filed": ("5", "4")}, {"cases_filed": "3"})
    assert made.figures["cases_filed"].value.text == "8"
    assert made.figures["cases_filed"].base is None


@pytest.mark.parametrize("id", ["teams_needed", "finding_types", "coverage_forecast_date"])
def test_what_is_no_sum_is_not_added(id: str, tmp_path: Path) -> None:
    made = rolled(tmp_path, {"cases_filed": "5"})
    path = tmp_path / "2024H1" / "half_year_summary" / CODES[0] / "figures.json"
    content = json.loads(path.read_text("utf-8"))
    content["figures"].append({**content["figures"][0], "id": id})
    path.write_text(json.dumps(content), "utf-8")
    assert id not in rolled(tmp_path).figures
    assert "cases_filed" in made.figures


def test_sums_that_contradict_each_other_stop_the_report(tmp_path: Path) -> None:
    rolled(tmp_path, {"clues_found": "5", "clues_transferred": "6"})
    given = RunParameters(county="331100", period="2024H1", source=str(tmp_path))
    with pytest.raises(CheckError, match="移交问题线索"):
        regional.build("city_rollup", given, STANDARDS)


# -- who is there -----------------------------------------------------------------------------


def test_missing_and_failed_counties_are_named_and_never_zero(tmp_path: Path) -> None:
    county(tmp_path, CODES[0], {"findings_total": "0"})
    county(tmp_path, CODES[1], {})
    summary = tmp_path / "2024H1" / "half_year_summary" / "summary.csv"
    summary.write_text(
        f"\ufeffcode,county,state,seconds,warnings,message\n{CODES[2]},缙云县,失败,1.0,0,坏数据\n"
        f"{CODES[0]},莲都区,失败,1.0,0,后来出好了\n",
        "utf-8",
    )
    made = rolled(tmp_path)
    numbers = {id: made.figures[id].value.text for id in COUNTS}
    assert numbers == {
        "counties_expected": "9",
        "counties_reported": "1",
        "counties_failed": "1",
        "counties_missing": "7",
    }
    assert made.failed == ("缙云县",)
    assert "青田县" in made.missing, "its report has not one figure"
    assert "有报告但没有数字" in only(made.verdicts, "county_missing").message
    assert "坏数据" in only(made.verdicts, "county_failed").message
    by_name = {m.name: m for m in made.members}
    assert by_name["莲都区"].figures["findings_total"].value.is_zero
    assert not by_name["青田县"].reported
    assert "findings_total" not in by_name["青田县"].figures


def test_members_are_ranked_by_value_and_the_silent_are_left_out(tmp_path: Path) -> None:
    made = rolled(tmp_path, {"cases_filed": "5"}, {"cases_filed": "9"}, {"cases_filed": "9"})
    assert [m.name for m in made.ranked("cases_filed")] == ["青田县", "缙云县", "莲都区"]


def test_counties_at_different_days_are_warned_about(tmp_path: Path) -> None:
    county(tmp_path, CODES[0], {"cases_filed": "5"})
    county(tmp_path, CODES[1], {"cases_filed": "5"}, cutoff="2024-06-20")
    verdict = only(rolled(tmp_path).verdicts, "cutoffs_differ")
    assert "2024年6月20日1个、2024年6月30日1个" in verdict.message


def test_conventions_that_differ_are_not_added(tmp_path: Path) -> None:
    sanctions: Said = {"party_sanction": "5", "admin_sanction": "2", "cases_filed": "9"}
    county(tmp_path, CODES[0], sanctions, declared={"sanction_convention": "inclusive"})
    county(tmp_path, CODES[1], sanctions, declared={"sanction_convention": "exclusive"})
    made = rolled(tmp_path)
    verdict = only(made.verdicts, "conventions_differ")
    assert "“含双重处分”的有莲都区；“不含双重处分”的有青田县" in verdict.message
    assert "party_sanction" not in made.figures
    assert made.figures["cases_filed"].value.text == "18"
    assert made.figures.declared == {}


def test_several_documents_of_one_county_agree_or_are_refused(tmp_path: Path) -> None:
    county(tmp_path, CODES[0], {"cases_filed": "5"})
    county(tmp_path, CODES[0], {"cases_filed": "5", "form1": "3"}, "status_brief")
    made = rolled(tmp_path)
    assert made.figures["cases_filed"].value.text == "5", "once, not twice"
    assert made.figures["form1"].value.text == "3"
    county(tmp_path, CODES[0], {"cases_filed": "4"}, "mobilization_brief", cutoff="2024-03-01")
    assert rolled(tmp_path).figures["cases_filed"].value.text == "5", "an earlier day, passed over"
    county(tmp_path, CODES[0], {"cases_filed": "6"}, "annual_summary")
    with pytest.raises(SourceError, match="莲都区有两份数字不同的"):
        rolled(tmp_path)


@pytest.mark.parametrize("start", ["", "2024H1", "2024H1/half_year_summary"])
def test_any_folder_above_the_reports_will_do(start: str, tmp_path: Path) -> None:
    county(tmp_path, CODES[0], {"cases_filed": "5"})
    (tmp_path / "2024H1" / "half_year_summary" / ".331121.7.part").mkdir()
    assert LISHUI is not None
    made = roll_up(LISHUI, tmp_path / start, WINDOW, STANDARDS)
    assert made.figures["counties_reported"].value.text == "1"


def test_what_cannot_be_read_is_one_line(tmp_path: Path) -> None:
    assert LISHUI is not None
    with pytest.raises(SourceError, match="没有这个文件夹"):
        roll_up(LISHUI, tmp_path / "nowhere", WINDOW, STANDARDS)
    with pytest.raises(SourceError, match="没有找到各县的"):
        roll_up(LISHUI, tmp_path, WINDOW, STANDARDS)
    path = tmp_path / f"{CODES[0]}.json"
    for content in (b"no", b"[]", b'{"county": 1}', b'{"notebook": "\xff"}'):
        path.write_bytes(content)
        with pytest.raises(SourceError, match=f"{CODES[0]}.json：不是 xuncha 写出的") as caught:
            roll_up(LISHUI, tmp_path, WINDOW, STANDARDS)
        assert str(tmp_path) not in str(caught.value)
    path.unlink()
    county(tmp_path, CODES[0], {"cases_filed": "5"}, period="2023H1")
    with pytest.raises(NoDataError, match="没有2024年上半年的县（市、区）报告"):
        rolled(tmp_path)


# -- levels -----------------------------------------------------------------------------------


def test_a_province_groups_by_city_and_the_country_by_province(tmp_path: Path) -> None:
    for code in ("331124", "331102", "330102", "320803"):
        county(tmp_path, code, {"cases_filed": "5"})
    zhejiang, country = regions.find("330000"), regions.find("全国")
    assert zhejiang is not None
    assert country is not None
    made = roll_up(zhejiang, tmp_path, WINDOW, STANDARDS)
    by_name = {m.name: m.figures for m in made.members}
    assert by_name["丽水市"]["cases_filed"].value.text == "10"
    assert by_name["丽水市"]["cases_filed"].id == "cases_filed@331100"
    assert by_name["丽水市"]["counties_missing"].value.text == "7"
    assert made.figures["cases_filed"].value.text == "15"
    whole = roll_up(country, tmp_path, WINDOW, STANDARDS)
    assert whole.figures["cases_filed"].value.text == "20"
    assert len(whole.members) == 31
    assert whole.figures["counties_expected"].value.text == "2845"


def test_every_county_is_in_one_city_one_province_and_the_country() -> None:
    country = regions.find("000000")
    assert country is not None
    assert country.counties == areas.counties()
    for group in country.groups:
        region = regions.find(group.code)
        assert region is not None
        assert region.counties == group.counties
        assert region.name == group.name


@pytest.mark.parametrize(
    ("name", "level", "whole", "member", "committee"),
    [
        ("丽水市", "city", "全市", "县（市、区）", "丽水市委"),
        ("北京市", "city", "全市", "县（市、区）", "北京市委"),
        ("浙江省", "province", "全省", "市（州）", "浙江省委"),
        ("广西壮族自治区", "province", "全区", "市（州）", "广西壮族自治区党委"),
        ("恩施土家族苗族自治州", "city", "全州", "县（市、区）", "恩施土家族苗族自治州委"),
        ("锡林郭勒盟", "city", "全盟", "县（市、区）", "锡林郭勒盟委"),
        ("阿克苏地区", "city", "全地区", "县（市、区）", "阿克苏地委"),
        ("全国", "country", "全国", "省（区、市）", "全国党委"),
    ],
)
def test_a_region_has_its_words(
    name: str, level: str, whole: str, member: str, committee: str
) -> None:
    region = regions.find(name)
    assert region is not None
    assert (region.level, region.whole_word, region.member_word) == (level, whole, member)
    assert areas.committee(name) == committee


@pytest.mark.parametrize("county", ["331124", "某市", "999900"])
def test_a_rollup_of_no_region_is_refused(county: str) -> None:
    given = RunParameters(county=county, period="2024H1")
    with pytest.raises(ParameterError, match="应为市、省（自治区、直辖市）或“全国”"):
        regional.build("city_rollup", given, STANDARDS)


def test_a_sum_is_not_adjusted() -> None:
    given = RunParameters(county="331100", period="2024H1", adjustments="a.yaml")
    with pytest.raises(ParameterError, match="不能直接调整"):
        regional.build("city_rollup", given, STANDARDS)


# -- the packaged sample ----------------------------------------------------------------------


def test_the_packaged_sample_is_what_the_counties_record(tmp_path: Path) -> None:
    folder = workspace.samples() / "regions" / city_sample.REGION
    by_code = {area.code: area for area in city_sample.counties()}
    for code in ("331124", "331125"):
        kept = json.loads((folder / f"{code}.json").read_text("utf-8"))
        assert kept == city_sample.recorded(by_code[code], tmp_path), "make sample"
    with pytest.raises(CheckError):
        city_sample.recorded(by_code[city_sample.FAILED], tmp_path)
    assert rules(rolled_sample().verdicts, "warning")[:2] == ["county_missing", "county_failed"]


def rolled_sample() -> Rollup:
    assert LISHUI is not None
    folder = workspace.samples() / "regions" / city_sample.REGION
    return roll_up(LISHUI, folder, WINDOW, STANDARDS)
