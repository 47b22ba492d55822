"""Parquet files, read a batch of rows at a time so that their size is known before it is taken.

A few hundred bytes of Parquet can stand for a billion rows, or for one long text in each of
them; what its footer says of sizes need not be so.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from xuncha_nb import bounds
from xuncha_nb.errors import SourceError

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS: Final = 8_192
_COLUMNS: Final = 1_000


def columns(path: Path, where: str) -> dict[str, list[Any]]:
    """Return the columns of a Parquet file by name.

    Parameters
    ----------
    path : Path
    where : str
        The file, for messages.

    Raises
    ------
    SourceError
        If it cannot be read, has columns that are no plain values, or is larger than a ledger.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        raw = pa.BufferReader(bounds.content(path, bounds.SOURCE))
        schema = pq.read_schema(raw)
        _check_columns(schema, where)
        texts = [field.name for field in schema if _is_text(field.type)]
        raw.seek(0)
        # Texts stay in their dictionary until they are measured.
        file = pq.ParquetFile(raw, read_dictionary=texts)
        names = file.schema_arrow.names
        # What the footer says of its rows may be wrong; then the batches tell.
        _check_size(file.metadata.num_rows * len(names), 0, where)
        found: list[list[Any]] = [[] for _ in names]
        size = 0
        for batch in file.iter_batches(_ROWS, use_threads=False):
            size += sum(_text_bytes(column) for column in batch.columns)
            cells = (len(found[0]) + batch.num_rows) * len(names)
            _check_size(cells, size, where)
            for values, column in zip(found, batch.columns, strict=True):
                values += column.to_pylist()
    except (pa.ArrowException, OSError, ValueError, OverflowError, MemoryError) as error:
        raise SourceError(
            f"{where}：不能作为 Parquet 读取（{type(error).__name__}），文件可能损坏，请重新导出"
        ) from None
    return dict(zip(map(str, names), found, strict=True))


def _check_columns(schema: pa.Schema, where: str) -> None:
    import pyarrow as pa

    names = schema.names
    if len(names) > _COLUMNS:
        raise SourceError(f"{where}：有{len(names)}列，应不超过{_COLUMNS}列，请只导出台账的列")
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise SourceError(f"{where}：列“{twice[:40]}”出现两次，请删去一列")
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind) or pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
            raise SourceError(
                f"{where}：列“{field.name[:40]}”是 {field.type}，应为文字、数或日期，请重新导出"
            )


def _is_text(kind: pa.DataType) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _text_bytes(column: pa.Array) -> int:
    """Return how many bytes of text the rows of a column come to."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if isinstance(column, pa.DictionaryArray) and _is_text(column.type.value_type):
        lengths = pc.take(pc.binary_length(column.dictionary), column.indices)
    elif _is_text(column.type):
        lengths = pc.binary_length(column)
    else:
        return 0
    return int(pc.sum(lengths).as_py() or 0)


def _check_size(cells: int, size: int, where: str) -> None:
    if cells > bounds.CELLS or size > bounds.TEXT:
        raise SourceError(
            f"{where}：太大，应不超过{bounds.CELLS // 10_000}万个单元格、"
            f"{bounds.megabytes(bounds.TEXT)} 文字，请只导出台账的行"
        )
