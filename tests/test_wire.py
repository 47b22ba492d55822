"""Messages and outputs of the engine: what the libraries make of them, without their detours."""

from __future__ import annotations

from datetime import UTC, datetime
from enum import IntEnum
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session
from nbformat.v4 import output_from_msg
from nbformat.validator import NotebookValidationError

from xuncha_nb.document import MIME, Paragraph, Piece, Run
from xuncha_nb.engine import cell_output, wire
from xuncha_nb.engine.shell import Transformers


class _Number(IntEnum):
    ONE = 1


#: What JSON changes, or hands on in another shape than it came in.
ODD: tuple[Any, ...] = (
    (1, (2,)),
    {3: "three", None: 1, True: 2},
    np.float64(1.5),
    np.int64(7),
    np.array([1, 2]),
    _Number.ONE,
    datetime(2024, 7, 1, tzinfo=UTC),
    {"b", },
    b"bytes",
    "\udc80",
    {"\udc80": 1},
    "2024-07-01T10:00:00Z",
    10**30,
    -0.0,
    1e308,
    "",
    [],
    {},
)  # fmt: skip

PLAIN = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner),
    max_leaves=8,
)


def by_wire(session: Session, message: dict[str, Any], buffers: list[bytes]) -> Any:
    _, parts = session.feed_identities([*session.serialize(message), *buffers])
    return session.deserialize(parts)


def same(content: dict[str, Any]) -> None:
    session = Session(key=b"")
    request = session.msg("execute_request", {"code": "1"})
    metadata = {"started": datetime.now(tz=UTC), **content}
    message = session.msg("display_data", content, request, metadata=metadata)
    ours, theirs = (
        wire.as_received(session, message, [b"x"]),
        by_wire(session, message, [b"x"]),
    )
    assert repr(ours.pop("buffers")[0].tobytes()) == repr(theirs.pop("buffers")[0].tobytes())
    assert ours == theirs
    assert repr(ours["content"]) == repr(theirs["content"])  # 1 is not True
    assert repr(ours["metadata"]) == repr(theirs["metadata"])
    assert [f"{h['date']}" for h in (ours["header"], ours["parent_header"])] == [
        f"{h['date']}" for h in (theirs["header"], theirs["parent_header"])
    ]


@pytest.mark.parametrize("value", ODD, ids=repr)
def test_a_message_is_what_the_wire_leaves_of_it(value: Any) -> None:
    same({"data": {"text/plain": "一"}, "odd": value, "deep": [{"in": value}]})


@given(st.dictionaries(st.text(), PLAIN))
def test_any_message_is_what_the_wire_leaves_of_it(content: dict[str, Any]) -> None:
    same(content)


def test_what_no_wire_takes_is_refused_as_there() -> None:
    for how in (wire.as_received, by_wire):
        session = Session(key=b"")
        with pytest.raises(UnicodeEncodeError):
            how(session, session.msg("display_data", {"text": "\ud800"}), [])


@pytest.mark.filterwarnings("ignore:Message serialization failed")
def test_what_is_no_number_becomes_what_the_session_makes_of_it() -> None:
    same({"n": float("nan"), "i": [float("-inf")]})


def test_nothing_of_a_message_is_shared() -> None:
    session = Session(key=b"")
    content: dict[str, Any] = {"data": {"list": [1]}}
    received = wire.as_received(session, session.msg("display_data", content), ())
    content["data"]["list"].append(2)
    assert received["content"]["data"]["list"] == [1]


def test_a_piece_of_a_report_is_handed_over_itself() -> None:
    piece = Piece(blocks=(Paragraph(runs=(Run(text="巡察"),)),), record={"n": (1, 2)}).to_json()
    content = {"data": {MIME: piece, "text/plain": "一"}, "metadata": {}}
    same(content)
    session = Session(key=b"")
    received = wire.as_received(session, session.msg("display_data", content), ())["content"]
    node = cell_output.as_node("display_data", received)
    assert node is not None
    assert node.data[MIME] is piece
    assert node == output_from_msg(
        {"header": {"msg_type": "display_data"}, "content": by_wire_content(session, content)}
    )


def by_wire_content(session: Session, content: dict[str, Any]) -> Any:
    return by_wire(session, session.msg("display_data", content), [])["content"]


def test_a_piece_that_no_wire_takes_is_refused_as_well() -> None:
    piece = Piece(record={"text": "\ud800"}).to_json()
    session = Session(key=b"")
    with pytest.raises(UnicodeEncodeError):
        wire.as_received(session, session.msg("display_data", {"data": {MIME: piece}}), ())


MESSAGES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("stream", {"name": "stdout", "text": "一\n"}),
    ("display_data", {"data": {"text/plain": "a", "image/png": "eA=="}, "metadata": {"m": [1]}}),
    ("display_data", {"data": {}, "metadata": {}}),
    ("display_data", {"data": {"application/json": {"a": [{}]}}, "metadata": {}}),
    ("display_data", {"data": {"application/vnd.x.y+json": [1, {"b": {}}]}, "metadata": {}}),
    (
        "execute_result",
        {"data": {"text/plain": "1"}, "metadata": {"d": {"e": 1}}, "execution_count": 3},
    ),
)


@pytest.mark.parametrize(("kind", "content"), MESSAGES)
def test_an_output_is_what_nbformat_makes_of_it(kind: str, content: dict[str, Any]) -> None:
    theirs = output_from_msg({"header": {"msg_type": kind}, "content": content})
    ours = cell_output.as_node(kind, content)
    assert ours == theirs
    assert shape(ours) == shape(theirs)


def shape(part: Any) -> Any:
    """Return the types of a tree."""
    if isinstance(part, dict):
        return type(part), {name: shape(value) for name, value in part.items()}
    return type(part), [shape(value) for value in part] if isinstance(part, list) else None


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("display_data", {"data": {"text/plain": 5}, "metadata": {}}),
        ("display_data", {"data": {"text/json": {"a": 1}}, "metadata": {}}),
        ("display_data", {"data": [], "metadata": {}}),
        ("stream", {"name": "stdout", "text": 5}),
        ("execute_result", {"data": {}, "metadata": {}, "execution_count": "1"}),
    ],
)
def test_an_output_that_breaks_the_format_is_left_to_nbformat(
    kind: str, content: dict[str, Any]
) -> None:
    assert cell_output.as_node(kind, content) is None
    with pytest.raises((NotebookValidationError, ValueError)):
        output_from_msg({"header": {"msg_type": kind}, "content": content})


def test_a_rule_that_a_notebook_adds_rewrites_its_cells() -> None:
    rules = Transformers()
    assert rules.transform_cell("%time 1") == rules.transform_cell("%time 1")
    assert "run_line_magic" in rules.transform_cell("%time 1")
    rules.cleanup_transforms.append(lambda lines: [line.replace("一", "1") for line in lines])
    assert rules.transform_cell("x = 一") == "x = 1\n"
    assert Transformers().transform_cell("x = 一") == "x = 一\n"
