"""What identifies a person is recognised however it is written, and figures are left alone."""

from __future__ import annotations

import hashlib
import itertools
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xuncha_nb.errors import SourceError
from xuncha_nb.personal import Watchlist, begin_watch, found, masked
from xuncha_nb.verdicts import Verdict

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def identity(county: str, born: date, order: int) -> str:
    """Return an identity number, its check digit computed as the standard says."""
    body = f"{county}{born:%Y%m%d}{order:03}"
    total = sum(int(d) * w for d, w in zip(body, WEIGHTS, strict=True))
    return body + "10X98765432"[total % 11]


def card(body: str) -> str:
    """Return a card number with its check digit (Luhn)."""
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (1 if place % 2 else 2)
        total += value - 9 if value > 9 else value
    return body + str(-total % 10)


IDENTITY = identity("320803", date(1968, 2, 29), 17)
WITH_X = next(
    n
    for order in itertools.count(1)
    if (n := identity("110101", date(1990, 3, 7), order))[-1] == "X"
)
CARD = card("621700130000123456")
WIDE = str.maketrans("0123456789X-@", "０１２３４５６７８９Ｘ－＠")

PERSONAL = (
    ("身份证号码", IDENTITY),
    ("身份证号码", WITH_X),
    ("身份证号码", WITH_X.lower()),
    ("身份证号码", f"{IDENTITY[:6]} {IDENTITY[6:14]} {IDENTITY[14:]}"),
    ("身份证号码", f"{IDENTITY[:6]}-{IDENTITY[6:14]}-{IDENTITY[14:]}"),
    ("身份证号码", " ".join(IDENTITY)),
    ("身份证号码", IDENTITY.translate(WIDE)),
    ("身份证号码", WITH_X.translate(WIDE)),
    ("身份证号码", "\u200b".join(IDENTITY)),
    ("身份证号码", "320803680229017"),
    ("身份证号码", "身份证号码：320803199902300011"),
    ("手机号码", "13912345678"),
    ("手机号码", "139 1234 5678"),
    ("手机号码", "139-1234-5678"),
    ("手机号码", "139\u00a01234\u00a05678"),
    ("手机号码", "１３９１２３４５６７８"),
    ("手机号码", "+86 13912345678"),
    ("手机号码", "8613912345678"),
    ("手机号码", "一三九一二三四五六七八"),
    ("电话号码", "0517-83912345"),
    ("电话号码", "(0517)83912345"),
    ("电话号码", "（0517）8391 2345"),
    ("电话号码", "010 6512 3456"),
    ("电话号码", "051783912345"),
    ("电话号码", "联系电话：83912345"),
    ("电子邮箱", "zhang.san@example.com.cn"),
    ("电子邮箱", "ｚｈａｎｇ＠ｅｘａｍｐｌｅ．ｃｎ"),
    ("银行卡号", CARD),
    ("银行卡号", " ".join(CARD[i : i + 4] for i in range(0, len(CARD), 4))),
    ("银行卡号", card("436742123456789012")),
    ("证件号码", "E12345678"),
    ("证件号码", "EA1234567"),
    ("证件号码", "护照号码：G20231234"),
    ("本机路径", "/home/zhang/台账.xlsx"),
    ("本机路径", "file:///D:/台账.xlsx"),
    ("本机路径", "C:\\Users\\zhang"),
    ("本机路径", "D:/台账/本县.xlsx"),
    ("本机路径", "\\\\fileserver\\share\\台账"),
)


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
@pytest.mark.parametrize("around", ["{}", "据{}反映", "（{}）", '"{}",', "共12件，{}。"])
def test_it_is_found_wherever_it_stands(kind: str, text: str, around: str) -> None:
    if kind == "本机路径" and around == "据{}反映" and text.startswith("/"):
        around = "据 {} 反映"  # a slash behind a word divides words: 村/社区/组
    assert kind in [hit.kind for hit in found(around.format(text))]


@pytest.mark.parametrize(("kind", "text"), PERSONAL)
def test_what_is_masked_is_gone(kind: str, text: str) -> None:
    told = masked(f"第3行“电话”列：{text}，请改正")
    assert kind in told
    assert text not in told
    assert found(told) == []


ORDINARY = (
    r"第..\..\x号",
    r"见 data\\台账\\本县.xlsx",
    "2024-06-30 2024-07-15",
    "2024年3月1日—2024年6月30日，共122天",
    "20240101—20240630",
    "淮纪发〔2024〕15号、（2024）00012345号",
    "编号 2024-0517-0001",
    "331124、320803、500236",
    "9.3万元，1,234,567,890元，123456789012元",
    "33.333333333333336，0.13912345678",
    hashlib.sha256(b"x").hexdigest(),
    "sha256: " + "0123456789" * 6 + "abcd",
    "SHA-256：e670e076606e11d3…",
    "XC20240315、S20240101、G20231231、D00012",
    "M 57.6 41.472 L 60 13.9 1234 5678 L 1 2",
    "12388、110、400-123-4567",
    "talks_person_times@十三届-7，find@R1.2",
    "县/区/市，和/或，1/2/3，2024/06/30",
    "</td><td>, application/vnd.xuncha+json, http://www.w3.org/2000/svg",
    "比例为1:2，时间10:30，见表3：共4项",
    "outputs/2024H1/half_year_summary，data/本县.xlsx，./a/b",
    "统一社会信用代码 91320803MA1X123456",
    "二〇二四年一月一日至六月三十日",
    "110101 199003 07",
    "本期 13 912 件，上期 14 005 件",
    "'0.1.0', 3.11.2, numpy==2.1.3",
)


@pytest.mark.parametrize("text", ORDINARY)
def test_what_reports_carry_is_left_alone(text: str) -> None:
    assert found(text) == []
    assert masked(text) == text


@given(st.integers(0, 10**10 - 1), st.sampled_from(["", ",", ".5", "万", "%"]))
def test_no_figure_of_up_to_ten_digits_is_taken_for_a_person(number: int, behind: str) -> None:
    assert found(f"共{number}{behind}件") == []
    assert found(f'"value": {number}, "text": "{number:,}"') == []


@given(st.dates(), st.dates(), st.sampled_from(["-", "至", " ", "—", "/"]))
def test_no_dates_are(first: date, last: date, between: str) -> None:
    assert found(f"{first.isoformat()}{between}{last.isoformat()}") == []
    assert found(f"{first:%Y%m%d}{last:%Y%m%d}"[:16].rjust(16, "1")) == [] or first.year > 2199


@given(st.binary(min_size=1))
def test_no_hash_is(content: bytes) -> None:
    for name in ("sha256", "sha1", "blake2b"):
        assert found(f'"report.pdf": "{hashlib.new(name, content).hexdigest()}"') == []


@given(st.text())
def test_any_text_can_be_looked_at_and_masking_leaves_the_rest(text: str) -> None:
    told = masked(text)
    for hit in found(text):
        assert 0 <= hit.start < hit.end <= len(text)
    assert told == text or "已隐去" in told


def test_an_office_may_let_its_own_telephone_pass() -> None:
    assert found("举报电话：0517-83912345", {"0517-83912345"}) == []
    assert found("举报电话：0517-83912346", {"0517-83912345"}) != []


def test_names_of_a_confidential_column_are_found_and_told_by_their_place_alone() -> None:
    watch = Watchlist()
    watch.add("张三丰、李 四", "台账.xlsx 第2行“姓名”列")
    watch.add("买买提·吐尔逊", "台账.xlsx 第3行“姓名”列")
    watch.add("工号 88123456", "台账.xlsx 第4行“姓名”列")
    for text in ("关于张三丰的问题", "李四", "李　四", "买买提·吐尔逊反映", "编号88123456。"):
        (hit,) = found(text, watches=[watch])
        assert "“姓名”列" in hit.origin
    assert found("李四", {"李四"}, [watch]) == []
    for text in ("张三", "王五", "88123456789", "A88123456", "张 三"):
        assert found(text, watches=[watch]) == []


@pytest.mark.parametrize(
    "cell", ["不详", "办公室", "无", "群众", "干部", "信访人", "单位", "-", ""]
)
def test_what_is_filled_in_for_a_name_is_no_name(cell: str) -> None:
    watch = Watchlist()
    watch.add(cell, "第2行")
    assert not watch


def test_hashes_of_two_processes_have_nothing_in_common() -> None:
    one, other = Watchlist(), Watchlist()
    for watch in (one, other):
        watch.add("张三丰", "第2行")
    assert not set(vars(one)["_places"]) & set(vars(other)["_places"])
    assert "三丰" not in repr(vars(one))


def test_messages_tell_no_number_and_no_name_that_was_read() -> None:
    begin_watch("x").add("张三丰", "第2行")
    try:
        told = Verdict(
            "error",
            "cell_type",
            "请改正",
            expected="整数",
            found=f"张三丰 {IDENTITY}",
            where="第5行",
        )
        for text in (
            told.line,
            str(told.to_json()),
            str(SourceError("实有的列为 张三丰、13912345678")),
        ):
            assert "张三丰" not in text
            assert IDENTITY not in text
            assert "13912345678" not in text
            assert "已隐去" in text
    finally:
        begin_watch("y")
