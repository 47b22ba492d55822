"""The address of a Dask scheduler: what it has to look like, and whether anybody is there."""

from __future__ import annotations

import re
import socket
from typing import Final

from xuncha_nb.errors import ClusterError

CONNECT_SECONDS: Final = 5
_LAST_PORT: Final = 65535


def require(address: str) -> None:
    """Refuse an address at which nobody listens, at once: Dask's client would go on trying.

    Raises
    ------
    ClusterError
        If it is no scheduler's address, nobody answers there, or ``tls://`` has no certificates.
    """
    import dask.config

    found = re.fullmatch(r"(tcp|tls)://\[?([^/]+?)\]?:(\d{1,5})", address)
    if found is None or int(found[3]) > _LAST_PORT:
        raise ClusterError(
            f"--scheduler 应为 tcp://主机:端口 或 tls://主机:端口，实为“{address}”，请改正"
        )
    if found[1] == "tls" and not dask.config.get("distributed.comm.tls.ca-file", None):
        raise ClusterError(
            f"{address}：没有设置 TLS 证书，请设置 DASK_DISTRIBUTED__COMM__TLS__CA_FILE、"
            "…__TLS__CLIENT__CERT 和 …__TLS__CLIENT__KEY 三个环境变量（见 README）"
        )
    try:
        socket.create_connection((found[2], int(found[3])), CONNECT_SECONDS).close()
    except OSError:
        raise not_connected(address) from None


def not_connected(address: str) -> ClusterError:
    """Return the error of a scheduler that does not answer."""
    return ClusterError(
        f"{address}：连接不上 Dask 调度器，请核对地址（如 tcp://10.0.0.1:8786），"
        "确认已执行 dask scheduler，防火墙已放行；tls:// 还要核对证书"
    )
