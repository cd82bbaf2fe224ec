"""The names of packages: what an import of one says, and which of them come with the platform."""

from __future__ import annotations

_BUILT_IN = frozenset(
    {
        *("assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram"),
        *("diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module"),
        *("net", "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream"),
        *("string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi"),
        *("worker_threads", "zlib"),
    }
)


def package_of(specifier: str) -> str:
    """The package that an import is of, without what it names within."""
    parts = specifier.split("/")
    return "/".join(parts[:2]) if specifier.startswith("@") else parts[0]


def is_built_in(specifier: str) -> bool:
    """Whether it comes with Node."""
    return specifier.partition(":")[0] in ("node", "bun", "cloudflare") or specifier.partition("/")[0] in _BUILT_IN
