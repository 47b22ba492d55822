"""Petition, discipline and supervision statistics, read as they are reported."""

from __future__ import annotations

from typing import Final

from xuncha_nb.indicators.registry import derived, percentage, statistic
from xuncha_nb.quantities import Quantity
from xuncha_nb.quantities import total as added

_PETITIONS: Final = (
    ("petitions_own", "本级受理", "件次"),
    ("petitions_from_above", "上级转来", "件次"),
    ("accusations", "检举控告类", "件次"),
    ("petitions_total_letter", "信访举报：来信", "件次"),
    ("petitions_total_net", "信访举报：网络", "件次"),
    ("petitions_total_call", "信访举报：来电", "件次"),
    ("petitions_total_visit", "信访举报：来访", "件次"),
    ("petitions_total_other", "信访举报：其他渠道", "件次"),
    ("petitions_out_of_scope", "业务范围外", "件次"),
    ("petitions_no_substance", "无实质内容", "件次"),
    ("petitions_suggestions", "批评建议类", "件次"),
    ("petitions_appeals", "申诉类", "件次"),
)
_DISCIPLINE: Final = (
    ("cases_concluded", "结案", "件", "discipline"),
    ("clues_handled", "处置问题线索", "件", "discipline"),
    ("talk_inquiry", "谈话函询", "件次", "discipline"),
    ("preliminary_verifications", "初步核实", "件", "discipline"),
    ("cases_filed", "立案", "件", "discipline"),
    ("party_sanction", "党纪处分", "人", "discipline"),
    ("admin_sanction", "政务处分", "人", "discipline"),
    ("dual_sanction", "党纪政务双重处分", "人", "discipline"),
    ("disciplined_ministerial", "省部级", "人", "discipline"),
    ("disciplined_bureau", "厅局级", "人", "discipline"),
    ("disciplined_county", "县处级", "人", "discipline"),
    ("disciplined_township", "乡科级", "人", "discipline"),
    ("disciplined_general", "一般干部", "人", "discipline"),
    ("disciplined_other", "农村企业等其他人员", "人", "discipline"),
    ("discipline_suggestions", "制发纪律检查建议书", "份", "discipline"),
    ("supervisory_suggestions", "制发监察建议书", "份", "discipline"),
    ("form1", "第一种形态", "人次", "forms"),
    ("form2", "第二种形态", "人次", "forms"),
    ("form3", "第三种形态", "人次", "forms"),
    ("form4", "第四种形态", "人次", "forms"),
    ("gang_clues", "处置涉黑涉恶问题线索", "件", "special"),
    ("umbrella_persons", "查处“保护伞”", "人", "special"),
    ("gang_party_members", "查处涉黑涉恶党员", "人", "special"),
    ("poverty_cases", "处置扶贫领域问题", "件", "special"),
    ("poverty_sanctioned", "扶贫领域党纪政务处分", "人", "special"),
    ("poverty_organisational", "扶贫领域组织处理", "人", "special"),
    ("poverty_accountable", "扶贫领域问责", "人", "special"),
    ("env_accountable", "生态环保领域问责", "人", "special"),
    ("issue_items", "专项治理具体问题", "个", "special"),
    ("issue_checks", "开展监督检查", "次", "special"),
    ("voluntary_statements", "主动说清问题", "件", "special"),
    ("funds_surrendered", "主动上缴资金", "万元", "special"),
    ("weddings_filed", "婚丧嫁娶报备审核", "名", "daily"),
    ("integrity_talks", "任前廉政谈话", "人次", "daily"),
    ("integrity_opinions", "回复党风廉洁意见", "人次", "daily"),
)

for _id, _label, _unit in _PETITIONS:
    statistic(_id, _label, _unit, "petitions", "petition_stats")
for _id, _label, _unit, _group in _DISCIPLINE:
    statistic(_id, _label, _unit, _group, "discipline_stats")


@derived("信访举报", "件次", "petitions", "petition_stats", "本级受理与上级转来之和")
def petitions_total(petitions_own: Quantity, petitions_from_above: Quantity) -> Quantity:
    return petitions_own + petitions_from_above


@derived("处分", "人", "discipline", "discipline_stats", "各级别受处分人数之和", partial=True)
def persons_disciplined(
    disciplined_ministerial: Quantity | None,
    disciplined_bureau: Quantity | None,
    disciplined_county: Quantity | None,
    disciplined_township: Quantity | None,
    disciplined_general: Quantity | None,
    disciplined_other: Quantity | None,
) -> Quantity | None:
    # A county has no cadres of the two highest levels and leaves those rows out; the levels
    # from township down it must know for the sum to mean anything.
    if disciplined_township is None or disciplined_general is None or disciplined_other is None:
        return None
    known = (
        disciplined_ministerial,
        disciplined_bureau,
        disciplined_county,
        disciplined_township,
        disciplined_general,
        disciplined_other,
    )
    return added([q for q in known if q is not None])


@derived("运用“四种形态”批评教育帮助和处理", "人次", "forms", "discipline_stats", "四种形态之和")
def forms_total(form1: Quantity, form2: Quantity, form3: Quantity, form4: Quantity) -> Quantity:
    return form1 + form2 + form3 + form4


@derived("第一种形态占比", "%", "forms", "", "第一种形态÷四种形态合计")
def form1_share(form1: Quantity, forms_total: Quantity, decimals: int) -> Quantity | None:
    return percentage(form1, forms_total, decimals)


@derived("第二种形态占比", "%", "forms", "", "第二种形态÷四种形态合计")
def form2_share(form2: Quantity, forms_total: Quantity, decimals: int) -> Quantity | None:
    return percentage(form2, forms_total, decimals)


@derived("第三种形态占比", "%", "forms", "", "第三种形态÷四种形态合计")
def form3_share(form3: Quantity, forms_total: Quantity, decimals: int) -> Quantity | None:
    return percentage(form3, forms_total, decimals)


@derived("第四种形态占比", "%", "forms", "", "第四种形态÷四种形态合计")
def form4_share(form4: Quantity, forms_total: Quantity, decimals: int) -> Quantity | None:
    return percentage(form4, forms_total, decimals)
