"""Ledgers of the inspection work itself: units, rounds, findings, clues, rectification."""

from __future__ import annotations

from typing import Final

from xuncha_nb.ledgers.columns import Column, Ledger

#: Types of unit that count as inspection objects; villages and communities are counted apart.
OBJECT_TYPES: Final = ("县直党群行政", "乡镇", "科级事业", "国有企业", "学校")
VILLAGE_TYPES: Final = ("村", "社区")
KINDS: Final = ("常规", "专项", "回头看", "机动", "提级", "交叉", "延伸", "上下联动", "试点")

_ROUND = Column(
    "round",
    "轮次编号",
    note="填“轮次”表里的轮次编号",
    example="十二届-1",
    required=True,
    refers="rounds.id",
)
_UNIT = Column(
    "unit",
    "单位编码",
    note="填“巡察对象”表里的单位编码",
    example="D001",
    required=True,
    refers="units.code",
)
_TEAM = Column("team", "巡察组", note="组名或组号，同一个组写法要一致", example="第一巡察组")


def _count(name: str, header: str, unit: str, note: str = "", example: str = "0") -> Column:
    return Column(name, header, "count", note or "没有统计留空，确实没有填0", example, unit)


UNITS = Ledger(
    "units",
    "巡察对象",
    (
        Column(
            "code",
            "单位编码",
            note="本县自编，不重复，合并撤销后不再使用",
            example="D001",
            required=True,
            unique=True,
        ),
        Column("name", "单位名称", note="规范全称", example="县财政局", required=True),
        Column("former_names", "曾用名", note="多个用顿号隔开", example=""),
        Column(
            "type",
            "单位类别",
            "choice",
            "从下拉列表选",
            "县直党群行政",
            required=True,
            allowed=OBJECT_TYPES + VILLAGE_TYPES,
        ),
        Column(
            "parent", "上级单位编码", note="村、社区填所在乡镇（街道）的编码", refers="units.code"
        ),
        Column("valid_from", "设立日期", "date", "本届之前已有的留空"),
        Column("valid_to", "撤并日期", "date", "仍存在的留空"),
        Column("term", "届次", note="列入哪一届的全覆盖任务", example="十二届"),
    ),
    "asof",
    ("valid_from", "valid_to"),
    "本届应巡察的党组织和村（社区）党组织名册，是覆盖率的分母。",
    orders=(("valid_from", "valid_to"),),
)

ROUNDS = Ledger(
    "rounds",
    "轮次",
    (
        Column(
            "id",
            "轮次编号",
            note="不重复，如“十二届-1”",
            example="十二届-1",
            required=True,
            unique=True,
        ),
        Column("term", "届次", note="如“十二届”", example="十二届", required=True),
        Column("number", "第几轮", "count", "本届第几轮", "1", "轮", required=True, within=(1, 99)),
        Column("kind", "巡察方式", "choice", "从下拉列表选", "常规", required=True, allowed=KINDS),
        Column("level", "组织层级", "choice", "市或县", "县", allowed=("市", "县")),
        Column("theme", "主题", note="专项巡察填主题，如“粮食购销领域”"),
        Column("training", "培训日期", "date", "巡前培训", "2024-02-26"),
        Column("mobilization", "动员日期", "date", "动员部署会", "2024-02-28"),
        Column("start", "开始日期", "date", "本轮巡察开始", "2024-03-01", required=True),
        Column("entry", "进驻日期", "date", "巡察组进驻", "2024-03-01"),
        Column("end", "结束日期", "date", "未结束的填计划结束日期", "2024-04-30", required=True),
        Column("group_report", "汇报领导小组日期", "date", "", "2024-05-13"),
        Column("secretary_meeting", "书记专题会日期", "date", "", "2024-05-20"),
        Column("feedback_from", "反馈开始日期", "date", "", "2024-05-27"),
        Column("feedback_to", "反馈结束日期", "date", "", "2024-05-31"),
    ),
    "overlap",
    ("start", "end"),
    "每开展一轮巡察填一行，日期按工作流程先后填写。",
    orders=(
        (
            "training",
            "mobilization",
            "entry",
            "end",
            "group_report",
            "secretary_meeting",
            "feedback_from",
            "feedback_to",
        ),
        ("start", "entry"),
        ("start", "end"),
    ),
    keys=("term", "number", "kind"),
)

TEAMS = Ledger(
    "teams",
    "巡察组",
    (
        _ROUND,
        Column(
            "team",
            "巡察组",
            note="组名或组号，同一个组写法要一致",
            example="第一巡察组",
            required=True,
        ),
        _count("head_count", "组内人数", "人", example="7"),
        _count("seconded", "其中抽调人数", "人", example="3"),
    ),
    "via",
    ("round",),
    "每轮每组一行。",
    keys=("round", "team"),
)

ROUND_UNITS = Ledger(
    "round_units",
    "轮次单位",
    (
        _ROUND,
        _TEAM,
        _UNIT,
        Column("contact_from", "联系开始日期", "date", "进驻该单位的日期", "2024-03-01"),
        Column("contact_to", "联系结束日期", "date", "离开该单位的日期", "2024-04-30"),
    ),
    "via",
    ("round",),
    "每轮巡察了哪些单位、延伸到哪些村（社区），一个单位一行。",
    orders=(("contact_from", "contact_to"),),
    keys=("round", "unit"),
)

ACTIVITIES = Ledger(
    "activities",
    "工作量",
    (
        _ROUND,
        _TEAM,
        Column(
            "date",
            "统计日期",
            "date",
            "这些数字统计到哪一天；按这一天归入期间",
            "2024-04-30",
            required=True,
        ),
        _count("petitions_letter", "来信", "件次", example="12"),
        _count("petitions_call", "来电", "件次", example="9"),
        _count("petitions_visit", "来访", "件次", example="6"),
        _count("petitions_net", "网络举报", "件次", example="3"),
        _count("talks_person_times", "个别谈话", "人次", example="86"),
        _count("talk_persons", "谈话人数", "人", "同一人只计一次", "80"),
        _count("briefings_heard", "听取专题汇报", "个", example="4"),
        _count("symposia_held", "专题座谈会", "次", example="5"),
        _count("files_reviewed", "调阅文件档案", "份", example="1200"),
        _count("vouchers_reviewed", "查阅财务凭证", "本", example="350"),
        _count("questionnaires_issued", "发放问卷", "份", example="150"),
        _count("questionnaires_returned", "回收问卷", "份", example="146"),
        _count("site_visits", "走访调研", "处", example="18"),
    ),
    "event",
    ("date",),
    "每轮每组一行，填本轮累计数；跨期的轮次按期分行填写。",
)

FINDINGS = Ledger(
    "findings",
    "问题",
    (
        Column("id", "问题编号", note="不重复", example="W0001", required=True, unique=True),
        _ROUND,
        _UNIT,
        Column(
            "found_on",
            "发现日期",
            "date",
            "写入报告或底稿的日期；按这一天归入期间",
            "2024-04-20",
            required=True,
        ),
        Column(
            "category",
            "聚焦方面",
            note="按当期分类标准填写，见说明",
            example="决策部署落实",
            required=True,
        ),
        Column("type", "问题类别", note="更细的类别，如“公务接待”"),
        Column("common", "共性或个性", "choice", "", "个性", allowed=("共性", "个性")),
        Column("immediate", "立行立改", "flag", "巡察期间当场整改的填“是”", "否"),
        Column("fed_back_on", "反馈日期", "date", "未反馈的留空", "2024-05-28"),
        Column("deadline", "整改期限", "date", "", "2024-08-28"),
        Column("closed_on", "销号日期", "date", "未销号的留空"),
    ),
    "event",
    ("found_on",),
    "每个问题一行；问题总数由系统点数，不用另填。",
    orders=(("found_on", "fed_back_on", "deadline"), ("found_on", "closed_on")),
)

CLUES = Ledger(
    "clues",
    "线索",
    (
        Column(
            "id",
            "线索编号",
            note="只填编号，不得填姓名",
            example="X001",
            required=True,
            unique=True,
        ),
        _ROUND,
        _UNIT,
        Column("found_on", "发现日期", "date", "按这一天归入期间", "2024-04-15", required=True),
        _count("party_cadres", "涉及党员干部", "人", example="1"),
        _count("others", "涉及其他人员", "人"),
        Column(
            "transferred_to",
            "移交部门",
            "choice",
            "",
            "纪委监委",
            allowed=("纪委监委", "组织部门", "公安机关", "其他"),
        ),
        Column("transferred_on", "移交日期", "date", "未移交的留空", "2024-05-20"),
        Column(
            "disposition",
            "处置方式",
            "choice",
            "四种形态之一",
            allowed=("第一种形态", "第二种形态", "第三种形态", "第四种形态", "了结", "未处置"),
        ),
        Column("closed_on", "办结日期", "date", "未办结的留空"),
    ),
    "event",
    ("found_on",),
    "每件线索一行；只有编号，没有姓名。",
    orders=(("found_on", "transferred_on", "closed_on"),),
)

RECTIFICATION = Ledger(
    "rectification",
    "整改",
    (
        Column(
            "finding",
            "问题编号",
            note="填“问题”表里的问题编号",
            example="W0001",
            required=True,
            unique=True,
            refers="findings.id",
        ),
        _count("measures", "整改措施", "条", example="3"),
        Column("post", "责任岗位", note="填岗位，不填姓名", example="党组书记"),
        Column("deadline", "整改期限", "date", "", "2024-08-28"),
        Column(
            "status",
            "整改状态",
            "choice",
            "",
            "基本完成",
            required=True,
            allowed=("完成", "基本完成", "未完成"),
        ),
        Column("verified_on", "验收日期", "date", "整改完成并通过验收的日期"),
    ),
    "via",
    ("finding",),
    "每个已反馈的问题一行；问题清单、责任清单、任务清单都由此生成。",
)

ASSESSMENTS = Ledger(
    "assessments",
    "政治生态评估",
    (
        _UNIT,
        _ROUND,
        Column("date", "评估日期", "date", "", "2024-05-10", required=True),
        Column("score", "得分", "number", "", "86"),
        Column("grade", "等次", note="按当期等次标准填写，见说明", example="较好", required=True),
    ),
    "event",
    ("date",),
    "每个被评估单位一行。",
    keys=("unit", "round"),
)

ROUND_LEDGERS: Final = (
    UNITS,
    ROUNDS,
    TEAMS,
    ROUND_UNITS,
    ACTIVITIES,
    FINDINGS,
    RECTIFICATION,
    CLUES,
    ASSESSMENTS,
)
