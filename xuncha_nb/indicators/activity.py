"""Work of the rounds: petitions by channel, talks, files, questionnaires, visits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xuncha_nb.indicators.registry import Result, base, derived, total
from xuncha_nb.quantities import Quantity
from xuncha_nb.quantities import total as added

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows

_SUM: Final = "期间内各轮各组工作量之和"


@derived(
    "受理来信来电来访",
    "件次",
    "activity",
    "activities",
    "来信、来电、来访、网络举报之和，只含有统计的渠道",
    partial=True,
)
def petitions_received(
    petitions_letter: Quantity | None,
    petitions_call: Quantity | None,
    petitions_visit: Quantity | None,
    petitions_net: Quantity | None,
) -> Quantity:
    known = (petitions_letter, petitions_call, petitions_visit, petitions_net)
    return added([q for q in known if q is not None])


@base("来信", "件次", "activity", "activities", _SUM)
def petitions_letter(activities: Rows) -> Result:
    return total(activities, "petitions_letter")


@base("来电", "件次", "activity", "activities", _SUM)
def petitions_call(activities: Rows) -> Result:
    return total(activities, "petitions_call")


@base("来访", "件次", "activity", "activities", _SUM)
def petitions_visit(activities: Rows) -> Result:
    return total(activities, "petitions_visit")


@base("网络举报", "件次", "activity", "activities", _SUM)
def petitions_net(activities: Rows) -> Result:
    return total(activities, "petitions_net")


@base("个别谈话", "人次", "activity", "activities", _SUM)
def talks_person_times(activities: Rows) -> Result:
    return total(activities, "talks_person_times")


@base("听取专题汇报", "个", "activity", "activities", _SUM)
def briefings_heard(activities: Rows) -> Result:
    return total(activities, "briefings_heard")


@base("召开专题座谈会", "次", "activity", "activities", _SUM)
def symposia_held(activities: Rows) -> Result:
    return total(activities, "symposia_held")


@base("调阅文件档案", "份", "activity", "activities", _SUM)
def files_reviewed(activities: Rows) -> Result:
    return total(activities, "files_reviewed")


@base("查阅财务凭证", "本", "activity", "activities", _SUM)
def vouchers_reviewed(activities: Rows) -> Result:
    return total(activities, "vouchers_reviewed")


@base("发放调查问卷", "份", "activity", "activities", _SUM)
def questionnaires_issued(activities: Rows) -> Result:
    return total(activities, "questionnaires_issued")


@base("回收调查问卷", "份", "activity", "activities", _SUM)
def questionnaires_returned(activities: Rows) -> Result:
    return total(activities, "questionnaires_returned")


@base("走访调研", "处", "activity", "activities", _SUM)
def site_visits(activities: Rows) -> Result:
    return total(activities, "site_visits")
