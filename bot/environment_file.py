"""The `.env` file."""

import io
from pathlib import Path


def read(path: Path) -> tuple[dict[str, str], list[str]]:
    """What is set in a file, and what is wrong with the file, one sentence each."""
    from dotenv import dotenv_values  # only where there is a file
    from dotenv.parser import Binding, parse_stream

    try:
        text = path.read_text(encoding="utf-8")
        if "\0" in text:  # as in UTF-16, where whoever saved the file chose that
            raise ValueError
    except (OSError, ValueError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is not UTF-8"
        wrong = f"{path} cannot be read ({reason}): make it a text file in UTF-8 for Laurel's user."
        return {}, [wrong]

    def line(binding: Binding) -> int:
        said = binding.original.string
        return binding.original.line + said[: len(said) - len(said.lstrip())].count("\n")

    problems = [
        f"Line {line(one)} of {path} cannot be read: write NAME=value, and close what is quoted."
        for one in parse_stream(io.StringIO(text))
        if one.error
    ]
    if problems:
        return {}, problems
    return {
        name: value or "" for name, value in dotenv_values(stream=io.StringIO(text)).items()
    }, []
