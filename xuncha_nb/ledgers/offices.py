"""Ledgers of the office itself: people, posts, training, rules, supervision, plans."""

from __future__ import annotations

from typing import Final

from xuncha_nb.ledgers.columns import Column, Ledger

_DATE = Column("date", "日期", "date", "按这一天归入期间", "2024-03-15", required=True)
_TOPIC = Column("topic", "内容", note="一句话写明是什么", example="")


def _count(name: str, header: str, unit: str, example: str = "0") -> Column:
    return Column(name, header, "count", "没有统计留空，确实没有填0", example, unit)


POSTS = Ledger(
    "posts",
    "编制",
    (
        Column(
            "date",
            "统计日期",
            "date",
            "这些数字是哪一天的",
            "2024-06-30",
            required=True,
            unique=True,
        ),
        _count("approved", "核定编制", "名", "12"),
        _count("filled", "实有在编", "名", "10"),
        _count("chief", "正职", "名", "1"),
        _count("deputy", "副职", "名", "2"),
        _count("commissioner_chief", "正科级巡察专员", "名", "3"),
        _count("commissioner_deputy", "副科级巡察专员", "名", "2"),
        _count("added", "增配人员", "名", "2"),
        _count("seconded", "借调人员", "名", "4"),
        _count("standing_teams", "常设巡察组", "个", "4"),
    ),
    "snapshot",
    ("date",),
    "每次统计填一行，报告取截止日期之前最近的一行。",
)

TALENT_POOL = Ledger(
    "talent_pool",
    "一长两员库",
    (
        Column(
            "id",
            "人员编号",
            note="只填编号，不得填姓名",
            example="R001",
            required=True,
            confidential=True,
        ),
        Column(
            "pool",
            "所在库",
            "choice",
            "",
            "组长",
            required=True,
            allowed=("组长", "专业人员", "工作人员"),
        ),
        Column("full_time", "专职", "flag", "", "否"),
        Column("speciality", "专长", note="如“财务”“工程”", example="财务"),
        Column("joined_on", "入库日期", "date", "本届之前入库的留空"),
        Column("left_on", "出库日期", "date", "仍在库的留空"),
    ),
    "asof",
    ("joined_on", "left_on"),
    "每人每库一行；只有编号，没有姓名。",
    orders=(("joined_on", "left_on"),),
    keys=("id", "pool"),
)

TRAININGS = Ledger(
    "trainings",
    "培训",
    (
        _DATE,
        _TOPIC,
        _count("person_times", "培训人次", "人次", "60"),
        _count("trainees", "首次参训人数", "人", "45"),
    ),
    "event",
    ("date",),
    "每期培训一行；首次参训人数指本年度第一次参加的人，合计即培训人数。",
)

RULE_DOCUMENTS = Ledger(
    "rule_documents",
    "制度",
    (
        _DATE,
        Column("name", "文件名称", note="不带书名号", example="巡察整改评估办法", required=True),
        Column("kind", "类别", note="如“整改”“队伍”", example="整改"),
    ),
    "event",
    ("date",),
    "每制定或修订一项制度一行。",
    keys=("name",),
)

TENDERS = Ledger(
    "tenders",
    "招投标监管",
    (
        _DATE,
        Column(
            "unit_name", "招标单位", note="名称写法要一致", example="县交通运输局", required=True
        ),
        Column("project", "项目名称", example="农村公路养护工程", required=True),
        Column("filed", "已备案", "flag", "", "是"),
    ),
    "event",
    ("date",),
    "每个监管项目一行。",
)

SUPERVISION = Ledger(
    "supervision",
    "监督检查",
    (
        _DATE,
        _TOPIC,
        _count("teams", "督查组", "个", "2"),
        _count("vehicles", "出动车辆", "台次", "4"),
        _count("person_times", "出动人员", "人次", "16"),
        _count("places", "检查点位", "个", "22"),
        _count("problems", "发现问题", "个", "9"),
        _count("rectified", "督促整改", "个", "8"),
    ),
    "event",
    ("date",),
    "每次监督检查一行。",
)

EDUCATION = Ledger(
    "education",
    "警示教育",
    (
        _DATE,
        _TOPIC,
        _count("base_groups", "基地接待批次", "批", "6"),
        _count("base_visits", "基地接待人次", "人次", "240"),
        _count("sms_sent", "廉政短信", "条", "800"),
        _count("cases_published_issues", "推送案例期数", "期", "2"),
        _count("cases_published", "推送典型案例", "件", "5"),
        _count("research_topics", "调研课题", "个", "0"),
    ),
    "event",
    ("date",),
    "每次教育活动或每月一行。",
)

PLAN = Ledger(
    "plan",
    "计划",
    (
        Column(
            "period",
            "期间",
            "period",
            "计划用于哪个期间，如 2024H2",
            "2024H2",
            required=True,
            unique=True,
        ),
        Column("term", "届次", example="十二届"),
        _count("planned_rounds_routine", "计划常规巡察", "轮", "1"),
        _count("planned_rounds_special", "计划专项巡察", "轮", "1"),
        _count("planned_units", "计划巡察单位", "个", "12"),
        _count("planned_villages", "计划延伸村", "个", "20"),
        _count("planned_communities", "计划延伸社区", "个", "4"),
        _count("plan_period_units", "本届应巡察单位", "个", "120"),
        Column("deadline", "全覆盖期限", "date", "本届完成全覆盖的最后一天", "2026-09-30"),
    ),
    "period",
    ("period",),
    "每个期间一行；半年报取下半年的一行作下步计划。",
)

OFFICE_LEDGERS: Final = (
    POSTS,
    TALENT_POOL,
    TRAININGS,
    RULE_DOCUMENTS,
    TENDERS,
    SUPERVISION,
    EDUCATION,
    PLAN,
)
