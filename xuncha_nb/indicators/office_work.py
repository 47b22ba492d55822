"""Other work of the office: training, rules, tenders, supervision, education."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from xuncha_nb.indicators.registry import Result, base, count, distinct, total

if TYPE_CHECKING:
    from xuncha_nb.ledgers.rows import Rows

_SUM: Final = "期间内各次之和"


@base("举办培训", "期", "training", "trainings", "截止日前举办的培训")
def training_sessions(trainings: Rows) -> Result:
    return count(trainings)


@base("培训人次", "人次", "training", "trainings", _SUM)
def training_person_times(trainings: Rows) -> Result:
    return total(trainings, "person_times")


@base("培训人数", "人", "training", "trainings", "首次参训人数之和")
def trainees(trainings: Rows) -> Result:
    return total(trainings, "trainees")


@base("制定制度文件", "项", "rules", "rule_documents", "期间内制定或修订的制度文件")
def documents_issued(rule_documents: Rows) -> Result:
    return count(rule_documents)


@base("监管招投标单位", "个", "tender", "tenders", "期间内监管的不同招标单位")
def tender_units(tenders: Rows) -> Result:
    return distinct(tenders, "unit_name")


@base("监管招投标项目", "项", "tender", "tenders", "期间内监管的招投标项目")
def tender_projects(tenders: Rows) -> Result:
    return count(tenders)


@base("监管备案项目", "项", "tender", "tenders", "监管项目中已备案的项目")
def tender_filed(tenders: Rows) -> Result:
    return count(tenders, filed=True)


@base("派出督查组", "个", "supervision", "supervision", _SUM)
def supervision_teams(supervision: Rows) -> Result:
    return total(supervision, "teams")


@base("出动车辆", "台次", "supervision", "supervision", _SUM)
def supervision_vehicles(supervision: Rows) -> Result:
    return total(supervision, "vehicles")


@base("出动人员", "人次", "supervision", "supervision", _SUM)
def supervision_person_times(supervision: Rows) -> Result:
    return total(supervision, "person_times")


@base("检查点位", "个", "supervision", "supervision", _SUM)
def supervision_places(supervision: Rows) -> Result:
    return total(supervision, "places")


@base("督查发现问题", "个", "supervision", "supervision", _SUM)
def supervision_problems(supervision: Rows) -> Result:
    return total(supervision, "problems")


@base("督促整改问题", "个", "supervision", "supervision", _SUM)
def supervision_rectified(supervision: Rows) -> Result:
    return total(supervision, "rectified")


@base("警示教育基地接待批次", "批", "education", "education", _SUM)
def base_groups(education: Rows) -> Result:
    return total(education, "base_groups")


@base("警示教育基地接待人次", "人次", "education", "education", _SUM)
def base_visits(education: Rows) -> Result:
    return total(education, "base_visits")


@base("发送廉政短信", "条", "education", "education", _SUM)
def sms_sent(education: Rows) -> Result:
    return total(education, "sms_sent")


@base("推送典型案例期数", "期", "education", "education", _SUM)
def cases_published_issues(education: Rows) -> Result:
    return total(education, "cases_published_issues")


@base("推送典型案例", "件", "education", "education", _SUM)
def cases_published(education: Rows) -> Result:
    return total(education, "cases_published")


@base("完成调研课题", "个", "education", "education", _SUM)
def research_topics(education: Rows) -> Result:
    return total(education, "research_topics")
