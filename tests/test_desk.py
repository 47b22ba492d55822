"""The desk: what is refused, kept, saved, told of another session, restored; files that last."""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from books import CODE, HALF_YEAR, STANDARDS, book, county

from xuncha_nb.adjustments import durable, history, store
from xuncha_nb.adjustments.desk import Desk
from xuncha_nb.adjustments.model import Adjustment, ChartChoice, State
from xuncha_nb.adjustments.trial import Outcome, outcome
from xuncha_nb.errors import CheckError, OutputError, ParameterError
from xuncha_nb.memory import Memory

TALKS = "talks_person_times@十二届-2"
CASES = "training_sessions"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., Any]:
    """Return a way to compute the small county, with changes of its rows."""

    def attempt(change: Callable[[Any], None] = lambda rows: None) -> Any:
        rows = county()
        change(rows)
        made = book(tmp_path / f"rows{len(list(tmp_path.iterdir()))}", rows)
        memory = Memory()

        def trying(adjustments: tuple[Adjustment, ...]) -> Outcome:
            return outcome(made, CODE, HALF_YEAR, STANDARDS, adjustments, memory)

        return trying

    return attempt


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "parameters" / "adjustments" / CODE / "2024H1.yaml"


def sat(path: Path, trying: Any, notebook: str = "half_year_summary") -> Desk:
    return Desk(path, trying, notebook, "f" * 64)


def other_session(path: Path, trying: Any) -> Desk:
    """Return a desk as another process would have it: it does not take over."""
    from xuncha_nb.adjustments import desk

    kept = desk._OPEN.pop(path, [])
    made = sat(path, trying)
    desk._OPEN[path] += kept
    return made


# -- what is refused ------------------------------------------------------------------------


def test_without_a_reason_nothing_is_saved(path: Path, read: Any) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", " ")
    with pytest.raises(ParameterError, match="没有写理由，请写明为什么改"):
        desk.save("综合科")
    assert not path.exists()
    desk.change(TALKS, "53", "补录")
    with pytest.raises(ParameterError, match="没有写填写人"):
        desk.save("  ")
    desk.save("综合科")
    (item,) = store.load(path).adjustments
    assert (item.figure, item.original, item.adjusted, item.reason, item.author) == (
        TALKS, "50", "53", "补录", "综合科",
    )  # fmt: skip
    assert item.fingerprint == "f" * 64
    assert desk.unsaved == 0


@pytest.mark.parametrize("typed", ["五十", "-1", "1.5", "50%", "5 3x"])
def test_what_is_no_number_is_a_fault_and_not_applied(path: Path, read: Any, typed: str) -> None:
    desk = sat(path, read())
    desk.change(TALKS, typed, "补录")
    assert desk.faults[TALKS]
    assert desk.tried.known[TALKS].value.text == "50"
    with pytest.raises(ParameterError, match="个别谈话（十二届-2）"):
        desk.save("综合科")


def test_a_derived_or_unknown_figure_cannot_be_changed(path: Path, read: Any) -> None:
    desk = sat(path, read())
    desk.change("coverage_rate", "50", "x")
    desk.change("nonsense", "5", "x")
    told = "\n".join(desk.obstacles())
    assert "由其他指标计算得出" in told
    assert "没有指标“nonsense”" in told


def test_an_error_that_a_change_would_cause_blocks_until_it_is_resolved(
    path: Path, read: Any
) -> None:
    desk = sat(path, read())
    desk.change("talks_person_times", "62", "补录")
    assert [v.rule for v in desk.caused()] == ["adjustment_rounds"]
    with pytest.raises(ParameterError, match="请改在所属的那一轮里调整"):
        desk.save("综合科")
    desk.change(TALKS, "52", "补录")
    desk.save("综合科")
    assert desk.tried.figures["talks_person_times"].value.text == "62"


def test_an_error_that_was_there_before_does_not_block_another_correction(
    path: Path, read: Any
) -> None:
    def wrong(rows: Any) -> None:
        rows["activities"][1]["questionnaires_issued"] = 1
        rows["activities"][1]["questionnaires_returned"] = 9

    desk = sat(path, read(wrong))
    desk.change(TALKS, "53", "补录")
    assert desk.caused() == ()
    desk.save("综合科")


def test_what_equals_the_source_is_no_change(path: Path, read: Any) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "50", "")
    assert desk.unsaved == 0
    desk.change(TALKS, "53", "")
    desk.change(TALKS, "", "")
    assert desk.unsaved == 0


# -- a source that changes ------------------------------------------------------------------


def later(rows: Any) -> None:
    rows["activities"][1]["talks_person_times"] = 51


@pytest.mark.parametrize("keep", [True, False])
def test_a_stale_adjustment_waits_for_a_decision(path: Path, read: Any, keep: bool) -> None:
    first = sat(path, read())
    first.change(TALKS, "53", "补录")
    first.save("综合科")
    desk = sat(path, read(later))
    assert desk.tried.known[TALKS].value.text == "51"
    (stale,) = desk.tried.stale
    assert (stale.adjustment.original, stale.now, stale.adjustment.adjusted) == ("50", "51", "53")
    desk.change(TALKS, "五十", "")  # and thought better of it
    if keep:
        desk.confirm(TALKS)
        assert desk.tried.known[TALKS].value.text == "53"
    else:
        desk.drop(TALKS)
    desk.save("综合科", "确认")
    assert not desk.tried.stale
    assert [i.original for i in store.load(path).adjustments] == (["51"] if keep else [])


# -- history --------------------------------------------------------------------------------


def test_every_save_is_in_the_history_and_any_state_comes_back(path: Path, read: Any) -> None:
    desk = sat(path, read())
    for value in ("51", "52", "53"):
        desk.change(TALKS, value, f"改为{value}")
        desk.save("综合科")
    desk.undo("综合科")
    assert [i.adjusted for i in store.load(path).adjustments] == ["52"]
    desk.undo("综合科")
    assert [i.adjusted for i in store.load(path).adjustments] == ["51"]
    desk.restore(3, "办公室")
    assert [i.adjusted for i in store.load(path).adjustments] == ["53"]
    desk.restore(0, "办公室")
    assert store.load(path) == State()
    past = history.read(path)
    assert [(e.number, e.action) for e in past.entries] == [
        (1, "保存"), (2, "保存"), (3, "保存"), (4, "撤销"), (5, "撤销"), (6, "恢复"), (7, "恢复"),
    ]  # fmt: skip
    assert past.broken == 0
    with pytest.raises(ParameterError, match="历史里没有第9次保存"):
        desk.restore(9, "办公室")


def test_undoing_all_ends(path: Path, read: Any) -> None:
    desk = sat(path, read())
    with pytest.raises(ParameterError, match="没有可以撤销的修改"):
        desk.undo("综合科")


def test_a_state_that_would_be_wrong_today_is_not_restored(path: Path, read: Any) -> None:
    item = Adjustment(
        figure="talks_person_times", original="60", adjusted="62", reason="补录",
        author="综合科", time="2024-07-01T09:30:00",
    )  # fmt: skip
    saved = store.save(path, State(adjustments=(item,)), store.read(path), "综合科")
    store.save(path, State(), saved, "综合科")
    desk = sat(path, read())
    before = path.read_bytes()
    with pytest.raises(CheckError, match="与各轮之和不相等"):
        desk.restore(1, "综合科")
    assert path.read_bytes() == before


def test_a_changed_line_of_the_history_is_found(path: Path, read: Any) -> None:
    desk = sat(path, read())
    for value in ("51", "52"):
        desk.change(TALKS, value, "补录")
        desk.save("综合科")
    file = history.path_of(path)
    file.write_text(file.read_text("utf-8").replace('"adjusted": "51"', '"adjusted": "59"', 1))
    assert history.read(path).broken == 2


def test_a_file_edited_by_hand_is_taken_and_noted_before_the_next_save(
    path: Path, read: Any
) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    desk.save("综合科")
    path.write_text(path.read_text("utf-8").replace("'53'", "'54'"), "utf-8")
    desk = sat(path, read())
    assert desk.snapshot.by_hand
    assert desk.tried.known[TALKS].value.text == "54"
    desk.change(TALKS, "55", "再改")
    desk.save("综合科")
    assert [e.action for e in history.read(path).entries] == ["保存", "手工修改", "保存"]


def test_a_file_edited_into_nonsense_blocks_until_a_state_is_restored(
    path: Path, read: Any
) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    desk.save("综合科")
    path.write_text("adjustments: [坏了", "utf-8")
    desk = sat(path, read())
    assert "不是正确的 YAML" in desk.snapshot.fault
    assert desk.tried.known[TALKS].value.text == "50"
    desk.change(TALKS, "54", "补录")
    with pytest.raises(ParameterError, match="恢复以前的一次保存"):
        desk.save("综合科")
    desk.restore(1, "综合科")
    assert [i.adjusted for i in store.load(path).adjustments] == ["53"]
    assert history.read(path).entries[1].text == "adjustments: [坏了", "the broken text is kept"


# -- two sessions ---------------------------------------------------------------------------


def test_of_two_that_save_the_second_is_told_and_loses_nothing(path: Path, read: Any) -> None:
    first, second = sat(path, read()), other_session(path, read())
    first.change(TALKS, "53", "补录")
    first.save("综合科")
    second.change(TALKS, "54", "重数")
    second.change(CASES, "9", "漏登")
    with pytest.raises(store.ConflictError, match="打开之后有别人保存过（综合科") as caught:
        second.save("办公室")
    assert [i.adjusted for i in store.load(path).adjustments] == ["53"]
    (told,) = second.reload(caught.value.theirs)
    assert (told.label, told.before, told.theirs, told.mine) == (
        "个别谈话（十二届-2）", "不调整（50）", "53（综合科）", "54",
    )  # fmt: skip
    assert second.unsaved == 2
    second.save("办公室")
    assert {i.figure: i.adjusted for i in store.load(path).adjustments} == {TALKS: "54", CASES: "9"}


def test_a_chart_is_chosen_saved_and_taken_back(path: Path, read: Any) -> None:
    desk = sat(path, read())
    choice = ChartChoice(notebook="half_year_summary", chart="图", kind="columns")
    assert desk.look(choice.model_copy(update={"title": "共12个"})).startswith("图的标题“共12个”")
    assert desk.look(choice) == ""
    desk.save("综合科")
    assert [c.kind for c in store.load(path).charts] == ["columns"]
    desk.look(choice.model_copy(update={"kind": ""}))
    desk.save("综合科")
    assert store.load(path).charts == ()


# -- drafts ---------------------------------------------------------------------------------


def test_unsaved_changes_are_offered_by_the_next_session(path: Path, read: Any) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    desk.draft.let_go()  # the kernel is gone
    after = other_session(path, read())
    (left,) = after.left
    assert left.content.count == 1
    after.take_up(left)
    assert after.tried.known[TALKS].value.text == "53"
    assert after.left == ()
    after.save("综合科")
    assert list(path.parent.glob(".*draft*.json")) == []


@pytest.mark.parametrize("order", [(TALKS, CASES), (CASES, TALKS)])
def test_a_fault_in_what_was_left_behind_is_taken_up_as_one(
    path: Path, read: Any, order: tuple[str, str]
) -> None:
    desk = sat(path, read())
    for figure in order:
        desk.change(figure, {TALKS: "53", CASES: "八个"}[figure], "补录")
    desk.draft.let_go()
    after = other_session(path, read())
    (left,) = after.left
    after.take_up(left)
    assert after.unsaved == 2
    assert after.edits[CASES].text == "八个"
    assert "八个" in after.faults[CASES]
    assert after.tried.known[TALKS].value.text == "53", "the other is applied"
    assert [line for line in after.obstacles() if "不是可识别的数值" in line]
    assert after.left == ()


def test_a_living_sessions_draft_is_not_offered(path: Path, read: Any) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    assert other_session(path, read()).left == ()


def test_a_folder_that_cannot_be_written_is_said_and_the_change_stays(
    tmp_path: Path, read: Any
) -> None:
    (tmp_path / "adjustments").write_text("a file in the way", "utf-8")
    desk = sat(tmp_path / "adjustments" / CODE / "2024H1.yaml", read())
    desk.change(TALKS, "53", "补录")
    assert "存不了草稿" in desk.draft.fault
    with pytest.raises(OutputError, match="没有保存，请检查文件夹权限"):
        desk.save("综合科")
    assert desk.unsaved == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root 不受权限限制")
def test_a_read_only_folder_is_said(path: Path, read: Any) -> None:
    path.parent.mkdir(parents=True)
    path.parent.chmod(0o500)
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    with pytest.raises(OutputError, match="不能写入"):
        desk.save("综合科")
    path.parent.chmod(0o700)


# -- killed in the middle -------------------------------------------------------------------


def test_a_save_killed_between_history_and_file_is_finished_at_the_next_opening(
    path: Path, read: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    with monkeypatch.context() as patch:
        patch.setattr(durable, "replace_file", lambda *_: (_ for _ in ()).throw(OSError(28, "满")))
        with pytest.raises(OutputError, match="没有剩余空间"):
            desk.save("综合科")
    assert not path.exists()
    assert [i.adjusted for i in store.read(path).state.adjustments] == ["53"]
    assert path.exists()


def test_a_torn_last_line_is_cut_off_by_the_next_save(path: Path, read: Any) -> None:
    desk = sat(path, read())
    desk.change(TALKS, "53", "补录")
    desk.save("综合科")
    with history.path_of(path).open("ab") as stream:
        stream.write(b'{"number": 2, "ti')
    desk = sat(path, read())
    desk.change(TALKS, "54", "补录")
    desk.save("综合科")
    past = history.read(path)
    assert ([e.number for e in past.entries], past.broken) == ([1, 2], 0)


def _saves(path: Path, name: str) -> None:
    """Save again and again, as a session does that nobody stops."""
    number = 0
    while True:
        number += 1
        item = Adjustment(
            figure="cases_filed", original="5", adjusted=str(number), reason="补录",
            author=name, time="2024-07-01T09:30:00",
        )  # fmt: skip
        try:
            store.save(path, State(adjustments=(item,)), store.read(path), name)
        except store.ConflictError:
            continue


@pytest.mark.parametrize("turn", range(4))
def test_two_sessions_killed_while_saving_leave_whole_files(path: Path, turn: int) -> None:
    context = multiprocessing.get_context("spawn")
    running = [context.Process(target=_saves, args=(path, name)) for name in ("甲科", "乙科")]
    for process in running:
        process.start()
    deadline = time.monotonic() + 60
    while len(history.read(path).entries) < 10 and time.monotonic() < deadline:
        time.sleep(0.05)
    time.sleep(0.013 * turn)
    for process in running:
        assert process.pid is not None
        os.kill(process.pid, signal.SIGKILL)
        process.join()
    snapshot = store.read(path)
    entries = snapshot.history.entries
    assert len(entries) >= 10
    assert (snapshot.fault, snapshot.history.broken, snapshot.by_hand) == ("", 0, False)
    assert snapshot.state == entries[-1].state
    assert {e.author for e in entries} <= {"甲科", "乙科"}
    for line in history.path_of(path).read_text("utf-8").splitlines():
        json.loads(line)
    assert store.save(path, State(), snapshot, "丙科").state == State()
