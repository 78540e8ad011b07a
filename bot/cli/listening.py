"""Taking the address at which a process is to be reached, before anything else begins."""

import errno
import socket

# A name may stand for addresses of a kind that this machine does not have.
_NOT_HERE = frozenset({errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT})
_BACKLOG = 2048  # as uvicorn has it


class CannotListenError(Exception):
    """The address cannot be taken: a sentence that says what to do."""


def listen(host: str, port: int) -> list[socket.socket]:
    """Sockets on everything that this host's name stands for. Raises CannotListenError."""
    taken: list[socket.socket] = []
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
        refused: OSError | None = None
        for family, _, _, _, address in dict.fromkeys(found):
            try:
                taken.append(_socket(family, address))
            except OSError as problem:
                if problem.errno not in _NOT_HERE:
                    raise
                refused = problem
        if refused is not None and not taken:
            raise refused
    except (OSError, UnicodeError) as problem:
        for one in taken:
            one.close()
        raise CannotListenError(_what_to_do(host, port, problem)) from problem
    return taken


def address_of(host: str, port: int) -> str:
    """The address as a browser has it."""
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _socket(family: int, address: tuple[object, ...]) -> socket.socket:
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        # The port of a Laurel that has just ended may be taken at once.
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        found.bind(address)
        found.listen(_BACKLOG)
    except OSError:
        found.close()
        raise
    return found


def _what_to_do(host: str, port: int, problem: OSError | UnicodeError) -> str:
    another = f"LAUREL_PORT={3000 if port == 65535 or port < 1024 else port + 1} chooses another."
    if isinstance(problem, UnicodeError | socket.gaierror) or problem.errno in _NOT_HERE:
        return (
            f"This machine has no address “{host}”: set LAUREL_HOST to 127.0.0.1, for this machine"
            " alone, or to 0.0.0.0, for whoever can reach it."
        )
    if problem.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: {another}"
    return f"Port {port} cannot be used ({problem.strerror}): {another}"
