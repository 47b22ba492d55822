"""Posts, staff, standing teams and the pools of the office."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from xuncha_nb.indicators.registry import Result, Tally, base, count, derived
from xuncha_nb.quantities import Quantity

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows

_POSTS: Final = "截止日前最近一次编制统计"


def _post(posts: dict[str, Any], column: str) -> Result:
    return Tally(int(posts[column]), 1) if column in posts else None


@base("核定编制", "名", "institution", "posts", _POSTS)
def posts_approved(posts: dict[str, Any]) -> Result:
    return _post(posts, "approved")


@base("实有在编", "名", "institution", "posts", _POSTS)
def posts_filled(posts: dict[str, Any]) -> Result:
    return _post(posts, "filled")


@derived("空缺编制", "名", "institution", "posts", "核定编制减实有在编")
def posts_vacant(posts_approved: Quantity, posts_filled: Quantity) -> Quantity:
    return posts_approved - posts_filled


@base("正职", "名", "institution", "posts", _POSTS)
def posts_chief(posts: dict[str, Any]) -> Result:
    return _post(posts, "chief")


@base("副职", "名", "institution", "posts", _POSTS)
def posts_deputy(posts: dict[str, Any]) -> Result:
    return _post(posts, "deputy")


@base("正科级巡察专员", "名", "institution", "posts", _POSTS)
def posts_commissioner_chief(posts: dict[str, Any]) -> Result:
    return _post(posts, "commissioner_chief")


@base("副科级巡察专员", "名", "institution", "posts", _POSTS)
def posts_commissioner_deputy(posts: dict[str, Any]) -> Result:
    return _post(posts, "commissioner_deputy")


@base("增配人员", "名", "institution", "posts", _POSTS)
def staff_added(posts: dict[str, Any]) -> Result:
    return _post(posts, "added")


@base("借调人员", "名", "institution", "posts", _POSTS)
def staff_seconded(posts: dict[str, Any]) -> Result:
    return _post(posts, "seconded")


@derived("巡察队伍", "人", "institution", "posts", "实有在编、增配人员、借调人员之和")
def inspection_staff(
    posts_filled: Quantity, staff_added: Quantity, staff_seconded: Quantity
) -> Quantity:
    staff = posts_filled + staff_added + staff_seconded
    # 名 and 人 count the same persons here: the dictionary gives the sum in 人.
    return Quantity(staff.value, "人", staff.interval, staff.text, staff.decimals, staff.scale)


@base("常设巡察组", "个", "institution", "posts", _POSTS)
def standing_teams(posts: dict[str, Any]) -> Result:
    return _post(posts, "standing_teams")


@derived(
    "“一长两员”库",
    "人",
    "institution",
    "talent_pool",
    "组长库、专业人员库、工作人员库之和，一人在两库的计两次",
)
def pool_total(leader_pool: Quantity, specialist_pool: Quantity, staff_pool: Quantity) -> Quantity:
    return leader_pool + specialist_pool + staff_pool


@base("组长库", "人", "institution", "talent_pool", "截止日在组长库的人员")
def leader_pool(talent_pool: Rows) -> Result:
    return count(talent_pool, pool="组长")


@base("专职组长", "人", "institution", "talent_pool", "组长库中的专职人员")
def leader_pool_fulltime(talent_pool: Rows) -> Result:
    return count(talent_pool, pool="组长", full_time=True)


@base("专业人员库", "人", "institution", "talent_pool", "截止日在专业人员库的人员")
def specialist_pool(talent_pool: Rows) -> Result:
    return count(talent_pool, pool="专业人员")


@base("工作人员库", "人", "institution", "talent_pool", "截止日在工作人员库的人员")
def staff_pool(talent_pool: Rows) -> Result:
    return count(talent_pool, pool="工作人员")
