"""Names and numbers of confidential columns, kept as salted hashes so that they can be found.

A cell of a confidential column is hashed while it is read and never kept. The salt is drawn for
each process and written nowhere, so that a hash says nothing outside of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import unicodedata
from collections.abc import Iterator
from typing import Final

#: Surnames, and compound ones: what begins with none of them is taken for no name, so that
#: “办公室” or “不详” in a column of names raises no alarm.
_SURNAMES: Final = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈"
    "姚卢姜崔钟谭陆汪范金石廖贾夏韦付傅方白邹孟熊秦邱江尹薛闫阎段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤"
    "温康施文牛樊葛邢安齐易乔伍庞颜倪庄聂章鲁岳翟殷詹申欧耿关兰焦俞左柳甘祝包宁尚符舒阮柯纪梅童凌毕单季裴霍涂"
    "成苗谷盛曲翁冉骆蓝路游辛靳管柴蒙鲍华喻祁蒲房滕屈饶解牟艾尤阳时穆农司卓古吉缪简车项连芦麦褚娄窦戚岑景党宫"
    "费卜冷晏席卫米柏宗瞿桂全佟应臧闵苟邬边卞姬师和仇栾隋商刁沙荣巫寇桑郎甄丛仲虞敖巩明佘池查麻苑迟邝官封谈匡"
    "鞠惠荆乐冀郁胥南班储原栗燕楚鄢劳谌奚皮粟冼蔺楼盘满闻位厉伊仝区郜海阚花权强帅屠豆朴盖练廉禹井祖漆巴丰支卿"
    "国狄平计索宣晋相初门云容敬来扈晁芮都普阙浦戈伏鹿薄邸雍辜羊阿乌母裘亓修邰赫杭况那宿鲜印逯隆茹诺战慕危玉银"
    "亢嵇公哈湛宾戎勾茅利於呼居揭干但尉冶斯元束檀衣信展阴昝智幸奉植衡富尧闭由"
)
_COMPOUND: Final = frozenset(
    """
    欧阳 上官 司马 诸葛 皇甫 尉迟 公孙 慕容 令狐 司徒 东方 夏侯 宇文 长孙 端木 百里 轩辕 南宫 独孤
    闻人 钟离 澹台 公羊 赫连 申屠 太史 仲孙 拓跋 呼延 濮阳 淳于 单于 第五
    """.split()  # noqa: SIM905
)
#: What is filled in where a name is not to be told.
_NO_NAMES: Final = frozenset(
    """
    和平 国家 安全 平安 成员 华侨 全县 全区 全市 全体 明确 相关 原因 应当 公开 公安 公司 来访 来信
    来电 管理 管委会 单位 干部 党员 党委 党支部 游客 高管 关系人 师生 农户 农民 商户 商人 计算 信访
    信访人
    """.split()  # noqa: SIM905
)
_WORD: Final = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff·•]+|[0-9A-Za-z]+")
_LONGEST: Final = 24

Found = tuple[int, int, str, str]


class Watchlist:
    """What the confidential columns of one source hold, as hashes with their places.

    Parameters
    ----------
    salt : bytes
        The same for one source; drawn by lot when it is not given.
    """

    def __init__(self, salt: bytes = b"") -> None:
        self._salt = salt or os.urandom(16)
        self._places: dict[bytes, str] = {}
        self._lengths: dict[str, set[int]] = {}
        self._first: re.Pattern[str] | None = None

    def __len__(self) -> int:
        """Return how many words it holds; it only ever takes more."""
        return len(self._places)

    def add(self, cell: str, place: str) -> None:
        """Take what is like a name or a number out of a cell, as hashes.

        Parameters
        ----------
        cell : str
            Any text; several names may stand in it.
        place : str
            Where it stands in the ledgers, for a message.
        """
        joined = re.sub(r"(?<=[\u3400-\u9fff])[ \u3000]+(?=[\u3400-\u9fff])", "", cell)
        for match in _WORD.finditer(unicodedata.normalize("NFKC", joined)):
            word = match[0].strip("·•")
            if _is_name(word) or sum(c.isdigit() for c in word) >= 6:
                self._places.setdefault(self._hash(word), place)
                # First characters and lengths alone are kept in clear: thousands share them.
                self._lengths.setdefault(word[0], set()).add(len(word))
                self._first = None

    def found(self, text: str) -> Iterator[Found]:
        """Yield start, end, kind and place in the ledgers of what was taken in."""
        if not self._places:
            return
        if self._first is None:
            self._first = re.compile(f"[{re.escape(''.join(sorted(self._lengths)))}]")
        end = 0
        for match in self._first.finditer(text):
            start = match.start()
            if start < end or (match[0].isalnum() and match[0].isascii() and _inside(text, start)):
                continue
            for length in sorted(self._lengths[match[0]], reverse=True):
                word, stop = _word_at(text, start, length)
                place = self._places.get(self._hash(word)) if word else None
                if place is not None:
                    yield start, stop, "保密列里的内容", place
                    end = stop
                    break

    def _hash(self, word: str) -> bytes:
        return hashlib.blake2b(word.encode(), digest_size=12, key=self._salt).digest()


def _is_name(word: str) -> bool:
    """Whether a word is built like a name: surname and one or two characters, or with a dot."""
    if "·" in word or "•" in word:
        return 3 <= len(word) <= _LONGEST
    if word in _NO_NAMES:
        return False
    if word[:2] in _COMPOUND:
        return 3 <= len(word) <= 4
    return word[:1] in _SURNAMES and 2 <= len(word) <= 3


def _inside(text: str, start: int) -> bool:
    """Whether a place is within a word of letters and digits."""
    before = text[start - 1 : start]
    return before.isascii() and before.isalnum()


def _word_at(text: str, start: int, length: int) -> tuple[str, int]:
    """Return so many characters from a place on, blanks between them left out, and their end."""
    taken: list[str] = []
    place = start
    while place < len(text) and len(taken) < length and place < start + 2 * length + 2:
        if text[place] not in " \u3000\u200b":
            taken.append(text[place])
        place += 1
    word = "".join(taken)
    after = text[place : place + 1]
    whole = not (word.isascii() and after.isascii() and after.isalnum())
    return (word, place) if len(word) == length and whole else ("", place)


_WATCHED: Final[dict[str, Watchlist]] = {}


def begin_watch(source: str) -> Watchlist:
    """Return an empty watch for a source that is about to be read, by its fingerprint.

    What was read before is forgotten: one county's names are nothing to another's report.
    """
    _WATCHED.clear()
    return _WATCHED.setdefault(source, Watchlist())


def watched(source: str = "") -> list[Watchlist]:
    """Return the watches of this process, or the one of a source if it was read here."""
    if not source:
        return list(_WATCHED.values())
    return [_WATCHED[source]] if source in _WATCHED else []
